import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const ALGORITHM = "aes-256-gcm";
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

/** What AES-256-GCM (NIST SP 800-38D) makes of a text. */
export interface Encrypted {
  /** 96 bits. */
  readonly nonce: Buffer;
  /** Ends with the 128 bits of the tag. */
  readonly ciphertext: Buffer;
}

/** @param associatedData what the text is of no use without; none by default */
export function encrypt(key: Buffer, text: string, associatedData: Uint8Array = new Uint8Array()): Encrypted {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(associatedData);
  return { nonce, ciphertext: Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]) };
}

/** @throws Error where key, associated data or ciphertext are not those of the encryption */
export function decrypt(key: Buffer, { nonce, ciphertext }: Encrypted, associatedData: Uint8Array = new Uint8Array()): string {
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES }).setAAD(associatedData);
  decipher.setAuthTag(ciphertext.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(ciphertext.subarray(0, -TAG_BYTES)), decipher.final()]).toString("utf8");
}
