import { createHmac, generateKeyPairSync, type KeyObject } from "node:crypto";
import { SignJWT } from "jose";

export const SECRET = "a secret of the acme project, long enough";
export const OTHER_SECRET = "a secret of the other project, also long";

/** 2030-01-01: tests carry their own clock. */
export const NOW = 1_893_456_000;

const base64url = (text: string): string => Buffer.from(text).toString("base64url");

/** A token of whatever header and payload, signed by HMAC whatever the header says. */
export function forge(header: unknown, payload: unknown, secret: string | Buffer = SECRET, hash = "sha256"): string {
  const text = (part: unknown): string => base64url(typeof part === "string" ? part : JSON.stringify(part));
  const input = `${text(header)}.${text(payload)}`;
  return `${input}.${createHmac(hash, secret).update(input).digest("base64url")}`;
}

export function hs256(claims: unknown, secret = SECRET): string {
  return forge({ alg: "HS256", typ: "JWT" }, claims, secret);
}

export interface KeyPair {
  readonly alg: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: Record<string, unknown>;
}

export function keyPair(alg: string, kid?: string): KeyPair {
  const { privateKey, publicKey } = generate(alg);
  return { alg, privateKey, publicKey, jwk: { ...publicKey.export({ format: "jwk" }), alg, use: "sig", ...(kid === undefined ? {} : { kid }) } };
}

function generate(alg: string): { privateKey: KeyObject; publicKey: KeyObject } {
  if (alg === "EdDSA") return generateKeyPairSync("ed25519");
  if (alg === "ES256") return generateKeyPairSync("ec", { namedCurve: "P-256" });
  if (alg === "ES384") return generateKeyPairSync("ec", { namedCurve: "P-384" });
  return generateKeyPairSync("rsa", { modulusLength: 2048 });
}

export function signWith(pair: KeyPair, claims: Record<string, unknown>, kid?: string): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: pair.alg, ...(kid === undefined ? {} : { kid }) }).sign(pair.privateKey);
}
