import { createCipheriv, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

interface ScryptOptions { readonly N: number; readonly r: number; readonly p: number; readonly maxmem: number }
const stretch = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/**
 * `$fbscrypt$v=1,n=<log2 N>,r=<r>,p=<p>,ss=<salt separator>,sk=<signer key>$<salt>$<hash>`, bytes as base64: Firebase's
 * scrypt as GoTrue writes it (internal/crypto/password.go).
 */
const FORM = /^\$fbscrypt\$v=(?<v>\d+),n=(?<n>\d+),r=(?<r>\d+),p=(?<p>\d+)(?:,ss=(?<ss>[^,$]+))?(?:,sk=(?<sk>[^,$]+))?\$(?<salt>[^$]+)\$(?<hash>.+)$/;

/** Whoever imports users could else have each sign-in take all the memory. */
const MAX_LOG_N = 16;

export const isFirebaseScrypt = (hash: string): boolean => {
  const parts = FORM.exec(hash)?.groups;
  return parts !== undefined && parts["v"] === "1" && Number(parts["n"]) <= MAX_LOG_N && Number(parts["r"]) <= 16 && Number(parts["p"]) <= 4 && parts["sk"] !== undefined;
};

/** Firebase encrypts its signer key (AES-256-CTR, no nonce) with what scrypt makes of the password. */
export async function verifyFirebaseScrypt(password: string, hash: string): Promise<boolean> {
  const { n = "", r = "", p = "", ss = "", sk = "", salt = "", hash: expected = "" } = FORM.exec(hash)?.groups ?? {};
  const bytes = (text: string): Buffer => Buffer.from(text, "base64");
  const key = await stretch(password, Buffer.concat([bytes(salt), bytes(ss)]), 32, { N: 2 ** Number(n), r: Number(r), p: Number(p), maxmem: 256 * 1024 * 1024 });
  const cipher = createCipheriv("aes-256-ctr", key, Buffer.alloc(16));
  const made = Buffer.concat([cipher.update(bytes(sk)), cipher.final()]);
  const wanted = bytes(expected);
  return made.length === wanted.length && timingSafeEqual(made, wanted);
}
