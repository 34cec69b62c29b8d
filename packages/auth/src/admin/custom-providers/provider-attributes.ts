import type { OutboundReach } from "@plinth/core";
import { z } from "zod";
import { AuthError } from "../../auth-error.ts";
import { optionalObject, optionalText } from "../../endpoint/read-json.ts";
import { AUTH_ERRORS } from "../../errors.ts";
import { checkOutsideAddress } from "./outside-address.ts";

const texts = z.array(z.string()).nullish().transform((value) => value ?? undefined);
const flag = z.boolean().nullish().transform((value) => value ?? undefined);

/** What administrators say of a provider: `CreateCustomProviderParams` of @supabase/auth-js. */
export const providerSchema = z.object({
  provider_type: optionalText, identifier: optionalText, name: optionalText, client_id: optionalText, client_secret: optionalText,
  acceptable_client_ids: texts, scopes: texts, pkce_enabled: flag, attribute_mapping: optionalObject, custom_claims_allowlist: texts, authorization_params: optionalObject,
  enabled: flag, email_optional: flag,
  issuer: optionalText, discovery_url: optionalText, skip_nonce_check: flag,
  authorization_url: optionalText, token_url: optionalText, userinfo_url: optionalText, jwks_uri: optionalText,
});
export type ProviderAttributes = z.infer<typeof providerSchema>;

export type ProviderType = "oauth2" | "oidc";
export const isProviderType = (value: unknown): value is ProviderType => value === "oauth2" || value === "oidc";

type Field = keyof ProviderAttributes;
const REQUIRED: readonly Field[] = ["name", "client_id", "client_secret"];
const REQUIRED_OF: Readonly<Record<ProviderType, readonly Field[]>> = { oidc: ["issuer"], oauth2: ["authorization_url", "token_url", "userinfo_url"] };
const KINDS: Readonly<Record<ProviderType, string>> = { oidc: "OIDC", oauth2: "OAuth2" };
const ADDRESSES: Readonly<Record<ProviderType, readonly Field[]>> = { oidc: ["issuer", "discovery_url"], oauth2: ["authorization_url", "token_url", "userinfo_url", "jwks_uri"] };

/** Ours to set, or a sign-in could be led elsewhere. */
const RESERVED = new Set(["client_id", "client_secret", "redirect_uri", "response_type", "state", "code_challenge", "code_challenge_method", "code_verifier", "nonce"]);
/** No provider is to say these of a user. */
const PROTECTED = new Set(["id", "aud", "role", "app_metadata", "created_at", "updated_at", "confirmed_at", "email_confirmed_at", "phone_confirmed_at", "email_verified", "phone_verified", "banned_until", "is_super_admin"]);

/** @throws BackendError validation_failed */
export function checkIdentifier(identifier: string | undefined): string {
  if (identifier === undefined) throw invalid("identifier is required");
  if (!identifier.startsWith("custom:")) throw invalid(`identifier must start with 'custom:' prefix, e.g. 'custom:${identifier}'`);
  return identifier;
}

/** That a new provider has what its kind needs. @throws BackendError validation_failed */
export function checkComplete(attributes: ProviderAttributes): ProviderType {
  const { provider_type: type } = attributes;
  if (!isProviderType(type)) throw invalid("provider_type must be either 'oauth2' or 'oidc'");
  checkIdentifier(attributes.identifier);
  const missing = REQUIRED.find((field) => attributes[field] === undefined);
  if (missing) throw invalid(`${missing} is required`);
  const missingOfKind = REQUIRED_OF[type].find((field) => attributes[field] === undefined);
  if (missingOfKind) throw invalid(`${missingOfKind} is required for ${KINDS[type]} providers`);
  return type;
}

/** What may be said at all. @throws BackendError validation_failed */
export async function checkAllowed(attributes: ProviderAttributes, type: ProviderType, reach: OutboundReach): Promise<void> {
  for (const [name, value] of Object.entries(attributes.authorization_params ?? {})) {
    if (RESERVED.has(name)) throw invalid(`Cannot override reserved OAuth parameter: ${name}`);
    if (typeof value !== "string") throw invalid(`Authorization parameter ${JSON.stringify(name)} must be a string`);
  }
  const target = Object.keys(attributes.attribute_mapping ?? {}).find((name) => PROTECTED.has(name));
  if (target !== undefined) throw invalid(`Cannot map to protected system field: ${target}`);
  if (attributes.custom_claims_allowlist?.some((claim) => claim.trim() === "")) throw invalid("custom_claims_allowlist entries must be non-empty strings");
  for (const field of ADDRESSES[type]) {
    const address = attributes[field];
    if (typeof address === "string") await checkOutsideAddress(address, reach);
  }
}

const invalid = (message: string): AuthError => new AuthError(AUTH_ERRORS.validationFailed, { message });
