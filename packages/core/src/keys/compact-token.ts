import { tokenError } from "./errors.ts";

/** A JWS in compact form (RFC 7515, section 7.1), taken apart and not yet believed. */
export interface CompactToken {
  readonly alg: string;
  readonly kid: string | undefined;
  /** What the signature is over. */
  readonly signingInput: string;
  readonly payload: string;
  readonly signature: string;
}

const BASE64URL = /^[A-Za-z0-9_-]*$/;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** @throws BackendError PGRST301 where it is not a signed token in compact form */
export function parseCompactToken(token: string): CompactToken {
  if (token === "") throw tokenError("empty");
  const parts = token.split(".");
  const [header, payload, signature] = parts;
  if (parts.length !== 3 || header === undefined || payload === undefined || signature === undefined) {
    throw tokenError("parts", { message: `Expected 3 parts in JWT; got ${parts.length}` });
  }
  return { ...readHeader(header), signingInput: `${header}.${payload}`, payload, signature };
}

function readHeader(encoded: string): Pick<CompactToken, "alg" | "kid"> {
  const header = readObject(encoded);
  if (header === undefined || typeof header["alg"] !== "string") throw tokenError("malformed");
  // RFC 7515, 4.1.11: what must be understood and isn't, is refused. None of these are understood here.
  if (header["crit"] !== undefined) throw tokenError("tokenType");
  return { alg: header["alg"], kid: typeof header["kid"] === "string" ? header["kid"] : undefined };
}

/** The text that a part of a token encodes; undefined where it isn't base64url of UTF-8. */
export function decodePart(encoded: string): string | undefined {
  if (!BASE64URL.test(encoded)) return undefined;
  try {
    return utf8.decode(Buffer.from(encoded, "base64url"));
  } catch {
    return undefined;
  }
}

/** The JSON object in `text`; undefined where it is anything else. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function readObject(encoded: string): Readonly<Record<string, unknown>> | undefined {
  const text = decodePart(encoded);
  return text === undefined ? undefined : parseObject(text);
}
