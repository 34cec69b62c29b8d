import { createHmac } from "node:crypto";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { TokenSigner } from "../keys/token-signer.ts";
import type { ProjectSettings } from "../projects/project.ts";
import { hasSealed, openSettings } from "../projects/settings/sealed-settings.ts";
import { keyForUse, openText, sealText } from "../secrets/data-key-cipher.ts";

/**
 * What a service needs of a project's keys: to sign tokens of its users, and to keep secrets in the project's database
 * that are of no use to who reads it there.
 */
export interface TenantSecrets {
  /** Signs claims with the project's present key, so that every service takes them for its user's. `sign.algorithm` says how. */
  readonly sign: TokenSigner;
  /** The project's anon key, where its secret still signs: always the same, so that it can stand in addresses. */
  readonly anonKey: string | undefined;
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
  /**
   * What the project's settings say to a service, with their secrets; undefined where they say nothing.
   * @throws BackendError PLINTH_SECRET_UNREADABLE
   */
  settings(service: string): Promise<unknown>;
}

export interface TenantSecretsOptions {
  readonly sign: TokenSigner;
  /** Asked for when it is first needed. Default: none. */
  readonly anonKey?: () => string | undefined;
  /** 256 bits as base64url. Asked for when it is first needed. */
  readonly dataKey: () => Promise<string>;
  /** As stored. Default: none. */
  readonly settings?: ProjectSettings;
}

export function createTenantSecrets({ sign, anonKey, dataKey, settings = {} }: TenantSecretsOptions): TenantSecrets {
  const keys = new Map<string, Promise<Buffer>>();
  const keyFor = (use: "seal" | "digest", purpose: string): Promise<Buffer> => {
    const info = `${use} ${purpose}`;
    let key = keys.get(info);
    if (key === undefined) {
      key = dataKey().then((secret) => keyForUse(secret, use, purpose));
      keys.set(info, key);
      // Whoever asks next tries again.
      key.catch(() => keys.delete(info));
    }
    return key;
  };
  let signedAnonKey: string | undefined;
  return {
    sign,
    get anonKey() {
      return (signedAnonKey ??= anonKey?.());
    },
    seal: async (secret, purpose) => sealText(await keyFor("seal", purpose), secret),
    open: async (sealed, purpose) => openText(await keyFor("seal", purpose), sealed, purpose),
    digest: async (secret, purpose) => createHmac("sha256", await keyFor("digest", purpose)).update(secret).digest("base64url"),
    settings: async (service) => {
      const own = Object.hasOwn(settings, service) ? { [service]: settings[service] } : {};
      return (hasSealed(own) ? openSettings(own, await dataKey()) : own)[service];
    },
  };
}

/** Of a tenant that was opened without keys: a test's, say. */
export function missingSecrets(): TenantSecrets {
  const missing = (): Promise<never> => Promise.reject(new BackendError(CORE_ERRORS.secretUnreadable, { message: "The tenant was opened without the project's keys." }));
  return { sign: Object.assign(missing, { algorithm: "HS256" as const }), anonKey: undefined, seal: missing, open: missing, digest: missing, settings: missing };
}
