import { type Kysely, sql } from "kysely";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { KeyRing } from "../secrets/key-ring.ts";
import type { MetadataTables } from "./metadata-tables.ts";

const CONTEXT = { ref: "", purpose: "master key proof" };
const PROOF = "plinth";

/**
 * Refuses to start with a key ring that lacks a key which secrets here were written with, before anything is
 * written with another one; notes the current key.
 *
 * @throws BackendError PLINTH_MASTER_KEY_INVALID
 */
export async function checkMasterKey(db: Kysely<MetadataTables>, keyRing: KeyRing): Promise<void> {
  const known = await checkKnownKeys(db, keyRing);
  if (!known.has(keyRing.currentKeyId)) await noteMasterKey(db, keyRing, keyRing.currentKeyId);
}

/**
 * Notes a key of the ring, so that secrets can be sealed with it. Nothing is noted where there is a key that the ring
 * doesn't have: somebody else is giving the secrets another one.
 *
 * @throws BackendError PLINTH_MASTER_KEY_INVALID
 */
export async function noteMasterKey(db: Kysely<MetadataTables>, keyRing: KeyRing, keyId: string): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    // Of two processes that start with different keys on new metadata, one must be told.
    await sql`select pg_advisory_xact_lock(hashtextextended('plinth.metadata.keys', 0))`.execute(transaction);
    await checkKnownKeys(transaction, keyRing);
    const row = { key_id: keyId, proof: keyRing.seal(PROOF, CONTEXT, keyId) };
    await transaction.insertInto("plinth.master_keys").values(row).onConflict((c) => c.doNothing()).execute();
  });
}

async function checkKnownKeys(db: Kysely<MetadataTables>, keyRing: KeyRing): Promise<ReadonlySet<string>> {
  const rows = await db.selectFrom("plinth.master_keys").select(["key_id", "proof"]).execute();
  const missing = rows.filter((row) => !keyRing.keyIds.has(row.key_id)).map((row) => row.key_id);
  if (missing.length > 0) {
    throw new BackendError(CORE_ERRORS.masterKeyInvalid, {
      message: `The stored credentials were written with another master key (${missing.join(", ")}) than the one given (${keyRing.currentKeyId}).`,
    });
  }
  for (const row of rows) keyRing.open(row.proof, CONTEXT);
  return new Set(rows.map((row) => row.key_id));
}
