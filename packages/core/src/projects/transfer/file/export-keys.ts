import { randomBytes, scrypt } from "node:crypto";
import { promisify } from "node:util";
import { z } from "zod";
import { BackendError } from "../../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../../errors/errors.ts";
import { decrypt, encrypt } from "../../../secrets/aes-256-gcm.ts";

const time = z.iso.datetime().transform((text) => new Date(text));
const text = z.string();

/** What a project's tokens and keys are signed and verified with, in the clear. */
export const exportedKeysSchema = z.object({
  jwtSecret: z.string().min(32),
  /** Opens what services have sealed in the project's database. Older exports have none. */
  dataKey: z.string().optional(),
  signingKeys: z.array(z.object({ kid: text, algorithm: z.enum(["HS256", "ES256", "RS256", "EdDSA"]), status: z.enum(["standby", "current", "previous", "revoked"]), secret: text, publicJwk: z.record(text, z.unknown()).nullable(), createdAt: time, verifyUntil: time.nullable() })),
  /** Hashes: the keys themselves are not kept. */
  apiKeys: z.array(z.object({ name: text, kind: z.enum(["publishable", "secret"]), role: text, hash: text, hint: text, createdAt: time, expiresAt: time.nullable(), revokedAt: time.nullable() })),
});
export type ExportedKeys = Readonly<z.infer<typeof exportedKeysSchema>>;

const sealedSchema = z.strictObject({ salt: z.base64(), nonce: z.base64(), ciphertext: z.base64() });

/**
 * RFC 7914; 128 MB and about half a second for each guess. Part of the format's version, and not read from the file: whoever
 * made the file would else say how much memory is taken.
 */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 192 * 1024 * 1024 };
const stretch = promisify<string, Buffer, number, typeof SCRYPT, Buffer>(scrypt);

export const MIN_PASSPHRASE = 12;

/** @throws BackendError PLINTH_CONFIG_INVALID */
export function checkPassphrase(passphrase: string | undefined): asserts passphrase is string {
  if (passphrase !== undefined && passphrase.length >= MIN_PASSPHRASE) return;
  throw new BackendError(CORE_ERRORS.configInvalid, {
    message: `passphrase: keys are exported under one of ${MIN_PASSPHRASE} characters or more.`,
    hint: "Make one with `openssl rand -base64 24`, or leave the keys out.",
  });
}

/**
 * AES-256-GCM (NIST SP 800-38D).
 * @param digest of all that the file has before the keys, which are of no use with anything else
 */
export async function sealKeys(keys: ExportedKeys, passphrase: string, digest: string): Promise<Buffer> {
  const salt = randomBytes(16);
  const { nonce, ciphertext } = encrypt(await stretch(passphrase.normalize("NFC"), salt, 32, SCRYPT), JSON.stringify(keys), Buffer.from(digest));
  const sealed: z.infer<typeof sealedSchema> = { salt: salt.toString("base64"), nonce: nonce.toString("base64"), ciphertext: ciphertext.toString("base64") };
  return Buffer.from(JSON.stringify(sealed));
}

/** @throws BackendError PLINTH_EXPORT_INVALID where the passphrase is another, or anything in the file is not as it was exported */
export async function openKeys(bytes: Buffer, passphrase: string, digest: string): Promise<ExportedKeys> {
  try {
    const sealed = sealedSchema.parse(JSON.parse(bytes.toString("utf8")));
    const [salt, nonce, ciphertext] = [sealed.salt, sealed.nonce, sealed.ciphertext].map((part) => Buffer.from(part, "base64")) as [Buffer, Buffer, Buffer];
    const clear = decrypt(await stretch(passphrase.normalize("NFC"), salt, 32, SCRYPT), { nonce, ciphertext }, Buffer.from(digest));
    return exportedKeysSchema.parse(JSON.parse(clear));
  } catch (cause) {
    throw new BackendError(CORE_ERRORS.exportInvalid, { message: "The keys can't be opened: the passphrase is another one, or the file was changed after it was exported.", hint: null, cause });
  }
}
