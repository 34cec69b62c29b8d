import type { Kysely } from "kysely";
import type { MetadataTables } from "../../metadata/metadata-tables.ts";
import type { KeyRing } from "../../secrets/key-ring.ts";
import { signingKeyContext } from "../keys/signing-key-context.ts";
import { updateRow } from "../find-row.ts";
import { dataKeyContext, openDataKey } from "../keys/data-key.ts";
import { openSecrets, type ProjectRow } from "../project-rows.ts";
import type { ExportedKeys } from "./file/export-keys.ts";

/** All that a project's tokens and keys are signed and verified with, in the clear. */
export async function readKeys(db: Kysely<MetadataTables>, row: ProjectRow, keyRing: KeyRing): Promise<ExportedKeys> {
  const signing = await db.selectFrom("plinth.signing_keys").selectAll().where("project_uid", "=", row.uid).orderBy("created_at").execute();
  const api = await db.selectFrom("plinth.api_keys").selectAll().where("project_uid", "=", row.uid).orderBy("created_at").execute();
  return {
    jwtSecret: openSecrets(row, keyRing).jwtSecret,
    dataKey: openDataKey(row, keyRing),
    signingKeys: signing.map(({ kid, algorithm, status, secret, public_jwk: publicJwk, created_at: createdAt, verify_until: verifyUntil }) => ({
      kid, algorithm, status, secret: keyRing.open(secret, signingKeyContext(row.uid, kid)), publicJwk, createdAt, verifyUntil,
    })),
    apiKeys: api.map(({ name, kind, role, hash, hint, created_at: createdAt, expires_at: expiresAt, revoked_at: revokedAt }) => ({ name, kind, role, hash, hint, createdAt, expiresAt, revokedAt })),
  };
}

/** Gives a project that has none yet the key that opens what services have sealed in its database. */
export async function writeDataKey(db: Kysely<MetadataTables>, { uid }: Pick<ProjectRow, "uid">, dataKey: string, keyRing: KeyRing): Promise<void> {
  await updateRow(db, uid, { data_key: keyRing.seal(dataKey, dataKeyContext(uid)) });
}

/** Gives a project that has no keys yet these, but for its JWT secret. */
export async function writeKeys(db: Kysely<MetadataTables>, { uid }: Pick<ProjectRow, "uid">, keys: Pick<ExportedKeys, "signingKeys" | "apiKeys">, keyRing: KeyRing): Promise<void> {
  for (const { kid, algorithm, status, secret, publicJwk, createdAt, verifyUntil } of keys.signingKeys) {
    const sealed = keyRing.seal(secret, signingKeyContext(uid, kid));
    await db.insertInto("plinth.signing_keys").values({ kid, project_uid: uid, algorithm, status, secret: sealed, public_jwk: publicJwk && JSON.stringify(publicJwk), created_at: createdAt, verify_until: verifyUntil }).execute();
  }
  for (const { name, kind, role, hash, hint, createdAt, expiresAt, revokedAt } of keys.apiKeys) {
    await db.insertInto("plinth.api_keys").values({ project_uid: uid, name, kind, role, hash, hint, created_at: createdAt, expires_at: expiresAt, revoked_at: revokedAt }).execute();
  }
}
