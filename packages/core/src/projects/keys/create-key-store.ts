import type { ProjectRecord } from "../project-record.ts";
import { createApiKey, expireApiKey, listApiKeys, renameApiKey, revokeApiKey } from "./api-keys.ts";
import type { KeySurroundings } from "./change-keys.ts";
import { jwksOf } from "./jwks.ts";
import type { KeyStore } from "./key-store.ts";
import { rotateJwtSecret } from "./rotate-jwt-secret.ts";
import { createSigningKey, deleteSigningKey, listSigningKeys, restoreSigningKey, revokeSigningKey, rotateSigningKey } from "./signing-keys.ts";

export interface KeyStoreOptions extends KeySurroundings {
  /** @throws BackendError PLINTH_PROJECT_NOT_FOUND */
  readonly record: (ref: string) => Promise<ProjectRecord>;
  /** What fails for want of the metadata database is said as such. */
  readonly inWords: <T>(work: Promise<T>) => Promise<T>;
}

/** The keys of the project that has this ref, or had it before. */
export function createKeyStore(options: KeyStoreOptions, ref: string): KeyStore {
  const { inWords, record } = options;
  return {
    create: (key) => inWords(createApiKey(options, ref, key)),
    list: () => inWords(listApiKeys(options, ref)),
    rename: (id, name) => inWords(renameApiKey(options, ref, id, name)),
    expire: (id, expiresAt) => inWords(expireApiKey(options, ref, id, expiresAt)),
    revoke: (id) => inWords(revokeApiKey(options, ref, id)),
    rotateJwtSecret: (rotation) => inWords(rotateJwtSecret(options, ref, rotation)),
    createSigningKey: (key = {}) => inWords(createSigningKey(options, ref, key)),
    listSigningKeys: () => inWords(listSigningKeys(options, ref)),
    rotateSigningKey: (rotation) => inWords(rotateSigningKey(options, ref, rotation)),
    revokeSigningKey: (kid) => inWords(revokeSigningKey(options, ref, kid)),
    restoreSigningKey: (kid) => inWords(restoreSigningKey(options, ref, kid)),
    deleteSigningKey: (kid) => inWords(deleteSigningKey(options, ref, kid)),
    jwks: async () => jwksOf((await record(ref)).keys),
    signToken: async (claims) => (await record(ref)).keys.sign(claims),
  };
}
