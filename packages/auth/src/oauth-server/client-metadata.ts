import { z } from "zod";
import { AuthError } from "../auth-error.ts";
import { optionalText } from "../endpoint/read-json.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { problemOfRedirectUris } from "./redirect-uris.ts";

export const AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"] as const;
export type AuthMethod = (typeof AUTH_METHODS)[number];
export const GRANT_TYPES = ["authorization_code", "refresh_token"] as const;

const strings = z.array(z.string());

/** What a client says of itself (RFC 7591, 2). */
export const registrationSchema = z.object({
  redirect_uris: strings.nullish().transform((uris) => uris ?? []),
  client_type: optionalText,
  token_endpoint_auth_method: optionalText,
  grant_types: strings.nullish().transform((types) => types ?? undefined),
  client_name: optionalText,
  client_uri: optionalText,
  logo_uri: optionalText,
});

export type Registration = z.output<typeof registrationSchema>;

export const clientUpdateSchema = z.object({
  redirect_uris: strings.optional(),
  grant_types: strings.optional(),
  client_name: z.string().optional(),
  client_uri: z.string().optional(),
  logo_uri: z.string().optional(),
  token_endpoint_auth_method: z.string().optional(),
});

export type ClientUpdate = z.output<typeof clientUpdateSchema>;

type Described = Partial<Pick<Registration, "grant_types" | "client_name" | "client_uri" | "logo_uri" | "token_endpoint_auth_method">> & { readonly redirect_uris?: readonly string[] | undefined };

/** @throws BackendError validation_failed whose details name the field */
export function checkMetadata(given: Described): void {
  const { redirect_uris: redirectUris, grant_types: grantTypes, client_name: name, token_endpoint_auth_method: method } = given;
  const refuse = (field: string, message: string): never => {
    throw new AuthError(AUTH_ERRORS.validationFailed, { message, details: field });
  };
  const redirectProblem = redirectUris === undefined ? undefined : problemOfRedirectUris(redirectUris);
  if (redirectProblem !== undefined) refuse("redirect_uris", redirectProblem);
  if (grantTypes !== undefined && (grantTypes.length === 0 || !grantTypes.every((type) => (GRANT_TYPES as readonly string[]).includes(type)))) refuse("grant_types", "grant_types must only contain 'authorization_code' and/or 'refresh_token'");
  if (name !== undefined && (name.length > 1_024 || name.includes("\0"))) refuse("client_name", "client_name cannot exceed 1024 characters");
  for (const field of ["client_uri", "logo_uri"] as const) {
    const problem = problemOfPage(given[field]);
    if (problem !== undefined) refuse(field, `${field} ${problem}`);
  }
  if (method !== undefined && !isAuthMethod(method)) refuse("token_endpoint_auth_method", `token_endpoint_auth_method must be one of: ${AUTH_METHODS.join(", ")}`);
}

/** They are shown to users as links and pictures: nothing that runs. */
function problemOfPage(uri: string | undefined): string | undefined {
  if (uri === undefined || uri === "") return undefined;
  if (uri.length > 2_048) return "cannot exceed 2048 characters";
  return URL.canParse(uri) && /^https?:\/\//i.test(uri) && !/\p{C}/u.test(uri) ? undefined : "must be a valid URL";
}

export const isAuthMethod = (method: string): method is AuthMethod => (AUTH_METHODS as readonly string[]).includes(method);

/** A client that keeps no secret is public. */
export const clientTypeOf = (method: AuthMethod): "public" | "confidential" => (method === "none" ? "public" : "confidential");

/** What it says of its type and of how it shows its secret, each by the other where one is missing. @throws BackendError validation_failed */
export function authMethodOf({ client_type: type, token_endpoint_auth_method: method }: Registration): AuthMethod {
  if (type !== undefined && type !== "public" && type !== "confidential") throw new AuthError(AUTH_ERRORS.validationFailed, { message: "client_type must be 'public' or 'confidential'", details: "client_type" });
  if (method === undefined) return type === "public" ? "none" : "client_secret_basic";
  if (!isAuthMethod(method)) throw new AuthError(AUTH_ERRORS.validationFailed, { details: "token_endpoint_auth_method" });
  const expected = clientTypeOf(method);
  if (type !== undefined && type !== expected) {
    throw new AuthError(AUTH_ERRORS.validationFailed, { message: `client_type '${type}' is inconsistent with token_endpoint_auth_method '${method}' (expected client_type '${expected}')`, details: "client_type" });
  }
  return method;
}
