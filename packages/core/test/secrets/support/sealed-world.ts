import { randomUUID } from "node:crypto";
import type pg from "pg";
import { type Metadata, openMetadata } from "../../../src/metadata/metadata.ts";
import { findRow, insertRow } from "../../../src/projects/find-row.ts";
import { dataKeyContext, openDataKey } from "../../../src/projects/keys/data-key.ts";
import { signingKeyContext } from "../../../src/projects/keys/signing-key-context.ts";
import { openSecrets, sealSecrets } from "../../../src/projects/project-rows.ts";
import { createKeyRing, type KeyRing } from "../../../src/secrets/key-ring.ts";

export const OLD_KEY = Buffer.alloc(32, 1).toString("base64");
export const NEW_KEY = Buffer.alloc(32, 2).toString("base64");
export const OTHER_KEY = Buffer.alloc(32, 3).toString("base64");

/** What one process has of the metadata. */
export interface SealedWorld {
  readonly metadata: Metadata;
  readonly keyRing: KeyRing;
}

export async function openSealedWorld(config: pg.ClientConfig, masterKey: string, ...previousMasterKeys: string[]): Promise<SealedWorld> {
  const keyRing = await createKeyRing({ masterKey, previousMasterKeys });
  return { keyRing, metadata: await openMetadata({ config }, keyRing) };
}

export const refsOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `p${index}`);

/** Projects that have secrets and no databases. */
export async function addProjects({ metadata, keyRing }: SealedWorld, refs: readonly string[]): Promise<void> {
  for (const ref of refs) {
    const place = { host: "adopted" as const, cluster: "nowhere", database_name: ref, login_role: null, adopted: true };
    const { uid } = await insertRow(metadata.db, { ref, name: ref, status: "active", ...place, roles: "{}", settings: "{}", ...sealSecrets(ref, secretsOf(ref), keyRing) });
    await metadata.db.updateTable("plinth.projects").set({ data_key: keyRing.seal(`data-${ref}`, dataKeyContext(uid)) }).where("uid", "=", uid).execute();
    const kid = randomUUID();
    await metadata.db.insertInto("plinth.signing_keys").values({ kid, project_uid: uid, algorithm: "HS256", status: "previous", secret: keyRing.seal(`former-${ref}`, signingKeyContext(uid, kid)), public_jwk: null, verify_until: null }).execute();
  }
}

const secretsOf = (ref: string) => ({ credentials: { kind: "login" as const, password: `password-${ref}` }, jwtSecret: `secret-${ref}` });

/** Gives a project another JWT secret, as whoever changes one does. */
export async function changeSecret({ metadata, keyRing }: SealedWorld, ref: string, jwtSecret: string): Promise<void> {
  await metadata.db.updateTable("plinth.projects").set({ jwt_secret: keyRing.seal(jwtSecret, { ref, purpose: "jwt-secret" }) }).where("ref", "=", ref).execute();
}

/** Every secret there is, in the clear. @throws where one can't be read */
export async function readAll({ metadata, keyRing }: SealedWorld): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for (const { ref } of await metadata.db.selectFrom("plinth.projects").select("ref").orderBy("ref").execute()) {
    const row = await findRow(metadata.db, ref);
    if (row === undefined) throw new Error(`no row ${ref}`);
    const keys = await metadata.db.selectFrom("plinth.signing_keys").selectAll().where("project_uid", "=", row.uid).execute();
    const { credentials, jwtSecret } = openSecrets(row, keyRing);
    found.set(ref, [JSON.stringify(credentials), jwtSecret, openDataKey(row, keyRing) ?? "none", ...keys.map(({ kid, secret }) => keyRing.open(secret, signingKeyContext(row.uid, kid)))]);
  }
  return found;
}

export const expectedSecrets = (refs: readonly string[]): ReadonlyMap<string, readonly string[]> =>
  new Map(refs.toSorted().map((ref) => [ref, [JSON.stringify(secretsOf(ref).credentials), `secret-${ref}`, `data-${ref}`, `former-${ref}`]]));
