import { createHash, timingSafeEqual } from "node:crypto";
import { jwtVerify, type JWTPayload } from "jose";
import { OAuthError } from "../auth-error.ts";
import type { ProviderClient } from "./provider-client.ts";

/** Signatures that only the issuer can make: no secret that others share, and never none (RFC 8725, 3.1). */
const ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"];
/** Seconds by which clocks may differ. */
const CLOCK_TOLERANCE = 30;

/** Who signs a provider's id_tokens, and with which keys. */
export interface Issuer {
  readonly issuer: string;
  readonly jwksUri: string;
}

/** Claims of a token whose signature, issuer, audience and times hold. */
export interface VerifiedIdToken extends JWTPayload {
  readonly iss: string;
  readonly sub: string;
}

export interface VerifyIdTokenOptions {
  readonly issuer: Issuer;
  /** Any of them. */
  readonly audiences: readonly string[];
  /** Which the token has to belong to, where it says so (`at_hash`). */
  readonly accessToken?: string | undefined;
}

/**
 * Verifies an id_token (OpenID Connect Core, 3.1.3.7), save for its nonce.
 * @throws BackendError invalid request, as GoTrue has it
 */
export async function verifyIdToken(client: ProviderClient, idToken: string, { issuer, audiences, accessToken }: VerifyIdTokenOptions): Promise<VerifiedIdToken> {
  const { payload, protectedHeader } = await verifySignature(client, idToken, issuer);
  const audience = [payload.aud ?? []].flat();
  if (!audience.some((each) => audiences.includes(each))) throw new OAuthError("invalid request", `Unacceptable audience in id_token: [${audience.join(" ")}]`);
  if (typeof payload.sub !== "string" || payload.sub === "") throw new OAuthError("invalid request", "Missing sub claim in id_token");
  if (accessToken !== undefined && payload["at_hash"] !== undefined && !isHashOf(payload["at_hash"], accessToken, protectedHeader.alg)) throw new OAuthError("invalid request", "Bad ID token", { details: "at_hash is of another access token" });
  return payload as VerifiedIdToken;
}

async function verifySignature(client: ProviderClient, idToken: string, { issuer, jwksUri }: Issuer): ReturnType<typeof jwtVerify> {
  try {
    return await jwtVerify(idToken, client.issuers.keysOf(jwksUri), { issuer, algorithms: ALGORITHMS, clockTolerance: CLOCK_TOLERANCE, requiredClaims: ["exp", "iat"] });
  } catch (cause) {
    throw new OAuthError("invalid request", "Bad ID token", { details: (cause as Error).message, cause });
  }
}

/** The left half of the access token's hash, by the hash of the signature (OpenID Connect Core, 3.1.3.6). */
function isHashOf(given: unknown, accessToken: string, algorithm: string): boolean {
  const digest = createHash(algorithm.endsWith("384") ? "sha384" : /512$|^Ed/.test(algorithm) ? "sha512" : "sha256").update(accessToken).digest();
  const expected = Buffer.from(digest.subarray(0, digest.length / 2).toString("base64url"));
  const told = Buffer.from(String(given));
  return told.length === expected.length && timingSafeEqual(told, expected);
}
