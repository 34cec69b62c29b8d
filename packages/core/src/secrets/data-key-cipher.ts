import { hkdfSync } from "node:crypto";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import { decrypt, encrypt, TAG_BYTES } from "./aes-256-gcm.ts";

const VERSION = "sealed1";
const FORM = /^sealed1\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{22,}$/;

/** Whether the text is in the form that `sealText` gives. */
export const isSealedText = (text: string): boolean => FORM.test(text);

/**
 * The key for one use of a project's data key (HKDF, RFC 5869), so that what is made for one use is of none for another.
 * @param dataKey 256 bits as base64url
 */
export const keyForUse = (dataKey: string, use: "seal" | "digest", purpose: string): Buffer =>
  Buffer.from(hkdfSync("sha256", Buffer.from(dataKey, "base64url"), "", `plinth ${use} ${purpose}`, 32));

/** AES-256-GCM. @returns `sealed1.<nonce>.<ciphertext and tag>`, bytes as base64url */
export function sealText(key: Buffer, secret: string): string {
  const { nonce, ciphertext } = encrypt(key, secret);
  return [VERSION, nonce.toString("base64url"), ciphertext.toString("base64url")].join(".");
}

/** @throws BackendError PLINTH_SECRET_UNREADABLE where it was sealed for something else, by another project, or changed */
export function openText(key: Buffer, sealed: string, purpose: string): string {
  const [version, nonce = "", bytes = ""] = sealed.split(".");
  const ciphertext = Buffer.from(bytes, "base64url");
  try {
    if (version !== VERSION || ciphertext.length < TAG_BYTES) throw new Error("It is not in a form that was ever written.");
    return decrypt(key, { nonce: Buffer.from(nonce, "base64url"), ciphertext });
  } catch (cause) {
    throw new BackendError(CORE_ERRORS.secretUnreadable, { details: `It was to be opened for: ${purpose}.`, cause });
  }
}
