import { hash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

/** What an opaque key is for: publishable ones may be shown to anybody, secret ones belong on servers. */
export type ApiKeyKind = "publishable" | "secret";

/** What an opaque key says of itself, which is good for finding the project and for nothing else. */
export interface ParsedApiKey {
  readonly kind: ApiKeyKind;
  readonly ref: string;
}

/**
 * `sb_secret_<ref>_<32 letters and digits>_<CRC-32 as hex>`. Supabase's clients know keys by these beginnings (and send
 * them as they do their own), the ref leads to the project, and the checksum tells what is no key before anything is
 * looked up: a slip of the hand, a part of a key, a key of Supabase's.
 */
const FORM = /^sb_(publishable|secret)_([a-z][a-z0-9-]{0,39})_[0-9A-Za-z]{32}_([0-9a-f]{8})$/;
const BEGINNING = "sb_";
/** In characters: a ref has 40 at most. */
export const LONGEST_API_KEY = 110;

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** 190 bits: nobody guesses one, so a fast hash keeps it as well as a slow one would. */
const RANDOM_LENGTH = 32;
/** Characters of the random part that a hint shows. */
const HINT_LENGTH = 4;

export function makeApiKey(kind: ApiKeyKind, ref: string): string {
  const body = `${BEGINNING}${kind}_${ref}_${randomText(RANDOM_LENGTH)}`;
  return `${body}_${checksum(body)}`;
}

/** Whether it is to be taken for an opaque key, well formed or not: no JWT begins like this. */
export function looksLikeApiKey(credential: string): boolean {
  return credential.startsWith(BEGINNING);
}

/** @returns undefined where the form or the checksum is wrong */
export function parseApiKey(credential: string): ParsedApiKey | undefined {
  if (credential.length > LONGEST_API_KEY) return undefined;
  const [, kind, ref, sum] = FORM.exec(credential) ?? [];
  if (kind === undefined || ref === undefined || checksum(credential.slice(0, -9)) !== sum) return undefined;
  return { kind: kind as ApiKeyKind, ref };
}

/** SHA-256 as hex. Not a slow hash: that is for what people choose, and would let strangers keep this server busy. */
export function hashApiKey(key: string): string {
  return hash("sha256", key);
}

/** The beginning of a key, to tell it from others by: `sb_secret_acme_x7Qd`. */
export function hintOf(key: string): string {
  return key.slice(0, key.lastIndexOf("_") - RANDOM_LENGTH + HINT_LENGTH);
}

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, "0");

/** Every character equally likely: bytes beyond the last whole multiple of the alphabet are thrown away. */
function randomText(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 4 * ALPHABET.length && text.length < length) text += ALPHABET[byte % ALPHABET.length];
    }
  }
  return text;
}
