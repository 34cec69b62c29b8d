import { z } from "zod";
import { AuthError } from "../auth-error.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { optionalText } from "../endpoint/read-json.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { fetchMetadata } from "./fetch-metadata.ts";
import { type IdentityProvider, readIdentityProvider } from "./identity-provider.ts";

const mappedAttribute = z.object({ name: z.string().optional(), names: z.array(z.string()).optional(), default: z.unknown().optional(), array: z.boolean().optional() });

/** Which attributes of an assertion become which claims. */
export const attributeMappingSchema = z.object({ keys: z.record(z.string(), mappedAttribute).optional() });
export type AttributeMapping = z.output<typeof attributeMappingSchema>;

export const providerSchema = z.object({
  type: optionalText,
  metadata_url: optionalText,
  metadata_xml: optionalText,
  /** Left out: as they are. */
  domains: z.array(z.string()).nullish(),
  attribute_mapping: attributeMappingSchema.nullish(),
  name_id_format: optionalText,
  /** "" takes it away. */
  resource_id: z.string().nullish(),
  disabled: z.boolean().nullish(),
});

export type ProviderSettings = z.output<typeof providerSchema>;

export const NAME_ID_FORMATS = {
  persistent: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
  emailAddress: "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
  transient: "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
  unspecified: "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
} as const;

const DOMAIN = /^(?=.{1,253}$)[\p{L}\p{N}_-]{1,63}(\.[\p{L}\p{N}_-]{1,63})*$/u;

type Purpose = "create" | "update";
type SettingsCheck = readonly [isWrong: (given: ProviderSettings, purpose: Purpose) => boolean, message: string];

const FORMATS: readonly string[] = Object.values(NAME_ID_FORMATS);

/** In this order. */
const CHECKS: readonly SettingsCheck[] = [
  [({ type }, purpose) => purpose === "create" && type !== "saml", "Only 'saml' supported for SSO provider type"],
  [({ metadata_url: url, metadata_xml: xml }) => url !== undefined && xml !== undefined, "Only one of metadata_xml or metadata_url needs to be set"],
  [({ metadata_url: url, metadata_xml: xml }, purpose) => purpose === "create" && url === undefined && xml === undefined, "Either metadata_xml or metadata_url must be set"],
  [({ metadata_url: url }) => url !== undefined && !URL.canParse(url), "metadata_url is not a valid URL"],
  [({ metadata_url: url }) => url !== undefined && new URL(url).protocol !== "https:", "metadata_url is not a HTTPS URL"],
  [({ name_id_format: format }) => format !== undefined && !FORMATS.includes(format), `name_id_format must be unspecified or one of ${FORMATS.join(", ")}`],
  [({ domains }) => domains?.some((domain) => !DOMAIN.test(domain)) ?? false, "SSO domains have to be domain names"],
];

/** @throws BackendError validation_failed */
export function checkProvider(given: ProviderSettings, purpose: Purpose): void {
  for (const [isWrong, message] of CHECKS) {
    if (isWrong(given, purpose)) throw new AuthError(AUTH_ERRORS.validationFailed, { message });
  }
}

export interface GivenMetadata {
  readonly xml: string;
  readonly identityProvider: IdentityProvider;
}

/** @returns undefined where none are given @throws BackendError saml_metadata_fetch_failed, validation_failed */
export async function metadataOf(call: Pick<AuthCall, "signal" | "auth">, { metadata_xml: given, metadata_url: url }: ProviderSettings): Promise<GivenMetadata | undefined> {
  const xml = given ?? (url === undefined ? undefined : await fetchMetadata(call, url));
  return xml === undefined ? undefined : { xml, identityProvider: await readIdentityProvider(xml) };
}
