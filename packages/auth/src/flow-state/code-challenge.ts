import { createHash, timingSafeEqual } from "node:crypto";
import { AuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";

/** What a client that uses PKCE (RFC 7636) shows first. */
export interface CodeChallenge {
  readonly challenge: string;
  readonly method: "s256" | "plain";
}

const CHALLENGE = /^[A-Za-z0-9._~-]{43,128}$/;

/** @returns undefined for the implicit flow @throws BackendError validation_failed */
export function pkceOf({ code_challenge: challenge, code_challenge_method: method }: { readonly code_challenge?: string | undefined; readonly code_challenge_method?: string | undefined }): CodeChallenge | undefined {
  if (challenge === undefined && method === undefined) return undefined;
  if (challenge === undefined || method === undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "PKCE flow requires code_challenge_method and code_challenge" });
  const lower = method.toLowerCase();
  if (lower !== "s256" && lower !== "plain") throw new AuthError(AUTH_ERRORS.validationFailed, { message: `unsupported code_challenge method ${JSON.stringify(method)}` });
  if (challenge.length < 43 || challenge.length > 128) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "code challenge has to be between 43 and 128 characters" });
  if (!CHALLENGE.test(challenge)) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "code challenge can only contain alphanumeric characters, hyphens, periods, underscores and tildes" });
  return { challenge, method: lower };
}

/** Whether the verifier is the one that the challenge was made of. */
export function isVerifier(verifier: string, { challenge, method }: CodeChallenge): boolean {
  const made = method === "plain" ? verifier : createHash("sha256").update(verifier).digest("base64url");
  const [given, wanted] = [Buffer.from(made), Buffer.from(challenge)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
