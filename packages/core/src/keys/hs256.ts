import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";

/** An HS256 secret: the bytes of a text, as PostgREST's `jwt-secret` is, or any. */
export type HmacSecret = string | Uint8Array;

/** HMAC-SHA-256 key of a project's secret. */
export function hs256Key(secret: HmacSecret): KeyObject {
  return typeof secret === "string" ? createSecretKey(secret, "utf8") : createSecretKey(secret);
}

/** The signature (RFC 7518, section 3.2) as base64url. */
export function hs256Signature(signingInput: string, key: KeyObject): string {
  return createHmac("sha256", key).update(signingInput).digest("base64url");
}

/** Compares in constant time, as text: so of the ways to encode a signature only the canonical one passes. */
export function hs256Verify(signingInput: string, signature: string, key: KeyObject): boolean {
  const expected = Buffer.from(hs256Signature(signingInput, key));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
