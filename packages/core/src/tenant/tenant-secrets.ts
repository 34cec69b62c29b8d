import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { TokenSigner } from "../keys/token-signer.ts";

/**
 * What a service needs of a project's keys: to sign tokens of its users, and to keep secrets in the project's database
 * that are of no use to who reads it there.
 */
export interface TenantSecrets {
  /** Signs claims with the project's present key, so that every service takes them for its user's. */
  readonly sign: TokenSigner;
  /**
   * Encrypts with the project's data key (AES-256-GCM).
   * @param purpose names the use; a text sealed for one is not opened for another
   * @returns `sealed1.…`, some 50 characters longer than the secret
   */
  seal(secret: string, purpose: string): Promise<string>;
  /** @throws BackendError PLINTH_SECRET_UNREADABLE where it was sealed for something else, by another project, or changed */
  open(sealed: string, purpose: string): Promise<string>;
  /** HMAC-SHA-256 under the project's data key, as base64url: to find a secret by that is kept as a hash alone. */
  digest(secret: string, purpose: string): Promise<string>;
}

export interface TenantSecretsOptions {
  readonly sign: TokenSigner;
  /** 256 bits as base64url. Asked for when it is first needed. */
  readonly dataKey: () => Promise<string>;
}

const VERSION = "sealed1";

export function createTenantSecrets({ sign, dataKey }: TenantSecretsOptions): TenantSecrets {
  const keys = new Map<string, Promise<Buffer>>();
  const keyFor = (use: "seal" | "digest", purpose: string): Promise<Buffer> => {
    const info = `plinth ${use} ${purpose}`;
    let key = keys.get(info);
    if (key === undefined) {
      key = dataKey().then((secret) => Buffer.from(hkdfSync("sha256", Buffer.from(secret, "base64url"), "", info, 32)));
      keys.set(info, key);
      // Whoever asks next tries again.
      key.catch(() => keys.delete(info));
    }
    return key;
  };
  return {
    sign,
    seal: async (secret, purpose) => seal(await keyFor("seal", purpose), secret),
    open: async (sealed, purpose) => open(await keyFor("seal", purpose), sealed, purpose),
    digest: async (secret, purpose) => createHmac("sha256", await keyFor("digest", purpose)).update(secret).digest("base64url"),
  };
}

function seal(key: Buffer, secret: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const ciphertext = Buffer.concat([cipher.update(secret, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return [VERSION, nonce.toString("base64url"), ciphertext.toString("base64url")].join(".");
}

function open(key: Buffer, sealed: string, purpose: string): string {
  const [version, nonce = "", ciphertext = ""] = sealed.split(".");
  const bytes = Buffer.from(ciphertext, "base64url");
  try {
    if (version !== VERSION || bytes.length < 16) throw new Error("It is not in a form that was ever written.");
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64url"), { authTagLength: 16 });
    decipher.setAuthTag(bytes.subarray(-16));
    return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString("utf8");
  } catch (cause) {
    throw new BackendError(CORE_ERRORS.secretUnreadable, { details: `It was to be opened for: ${purpose}.`, cause });
  }
}

/** Of a tenant that was opened without keys: a test's, say. */
export function missingSecrets(): TenantSecrets {
  const missing = (): Promise<never> => Promise.reject(new BackendError(CORE_ERRORS.secretUnreadable, { message: "The tenant was opened without the project's keys." }));
  return { sign: missing, seal: missing, open: missing, digest: missing };
}
