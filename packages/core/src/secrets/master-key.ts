import { hkdf, scrypt } from "node:crypto";
import { promisify } from "node:util";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";

const derive = promisify(hkdf);
const stretch = promisify<string, string, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);

const HEX_KEY = /^[0-9a-f]{64}$/i;
const BASE64_KEY = /^[A-Za-z0-9+/_-]{43}=?$/;

/** Passphrases are short on entropy, so each guess is made to cost about 50 ms and 32 MB. */
const SCRYPT = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };

/**
 * A master key as an operator writes it, made into 32 bytes of key for one use.
 * Exactly 32 bytes as hex (64 digits) or base64 or base64url (43 or 44 characters) are a key already and
 * go through HKDF-SHA256 (RFC 5869); any other text of at least 32 characters is a passphrase and goes
 * through scrypt (RFC 7914). The salt is fixed: a key must come out the same on every machine from its text alone.
 *
 * @throws BackendError PLINTH_CONFIG_INVALID where it is shorter
 */
export async function deriveKey(masterKey: string, use: string): Promise<Buffer> {
  const input = decodeKey(masterKey) ?? (await stretch(checkLength(masterKey), "plinth master key v1", 32, SCRYPT));
  return Buffer.from(await derive("sha256", input, Buffer.alloc(0), `plinth v1 ${use}`, 32));
}

function decodeKey(masterKey: string): Buffer | undefined {
  if (HEX_KEY.test(masterKey)) return Buffer.from(masterKey, "hex");
  if (!BASE64_KEY.test(masterKey)) return undefined;
  return Buffer.from(masterKey, "base64");
}

function checkLength(masterKey: string): string {
  if (masterKey.length >= 32) return masterKey;
  throw new BackendError(CORE_ERRORS.configInvalid, {
    message: "The master key is too short: it takes 32 random bytes as hex or base64, or a passphrase of at least 32 characters.",
    hint: "Make one with `openssl rand -base64 32`.",
  });
}
