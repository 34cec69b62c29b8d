import { type Encrypted, NONCE_BYTES, TAG_BYTES } from "./aes-256-gcm.ts";

/** A secret as it is stored. */
export interface Envelope extends Encrypted {
  readonly keyId: string;
}

const VERSION = "plinth1";

/** `plinth1.<keyId>.<nonce>.<ciphertext and tag>`, bytes as base64url. */
export function formatEnvelope({ keyId, nonce, ciphertext }: Envelope): string {
  return [VERSION, keyId, nonce.toString("base64url"), ciphertext.toString("base64url")].join(".");
}

/** @returns undefined where the text is no envelope */
export function parseEnvelope(text: string): Envelope | undefined {
  const [version, keyId, nonceText, ciphertextText, ...rest] = text.split(".");
  if (version !== VERSION || !keyId || nonceText === undefined || ciphertextText === undefined || rest.length > 0) return undefined;
  const nonce = Buffer.from(nonceText, "base64url");
  const ciphertext = Buffer.from(ciphertextText, "base64url");
  return nonce.length === NONCE_BYTES && ciphertext.length >= TAG_BYTES ? { keyId, nonce, ciphertext } : undefined;
}
