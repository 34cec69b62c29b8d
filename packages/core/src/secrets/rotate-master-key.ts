import type { Kysely } from "kysely";
import { recordAudit } from "../audit/record-audit.ts";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import { noteMasterKey } from "../metadata/master-key-check.ts";
import type { Metadata } from "../metadata/metadata.ts";
import type { MetadataTables } from "../metadata/metadata-tables.ts";
import type { KeyRing } from "./key-ring.ts";
import { isMasterKeyViolation, retiredKey } from "./retired-key.ts";
import { resealColumn } from "./reseal-column.ts";
import { SEALED_COLUMNS, type SealedColumn } from "./sealed-columns.ts";

export interface RotateMasterKeyOptions {
  /** Default: the ring's current key, for what is still sealed with another. */
  readonly newMasterKey?: string | undefined;
  /** Rows to a transaction. Default: 200. */
  readonly batchSize?: number;
  readonly onProgress?: (progress: MasterKeyProgress) => void;
}

export interface MasterKeyProgress {
  /** As `plinth.projects.credentials`. */
  readonly column: string;
  /** How many of its secrets were sealed anew so far. */
  readonly resealed: number;
}

export interface MasterKeyRotation {
  /** Id of the key that everything is sealed with now. */
  readonly keyId: string;
  /** How many secrets were sealed anew. */
  readonly resealed: number;
  /** Ids of the keys that nothing is sealed with any more: no longer needed. */
  readonly retired: readonly string[];
}

export interface MasterKeySurroundings {
  readonly metadata: Metadata;
  readonly keyRing: KeyRing;
  readonly actor: string;
  /** Default: `SEALED_COLUMNS`. */
  readonly columns?: readonly SealedColumn[];
}

/** Somebody who still seals with a former key is met again and again; not for ever. */
const MAX_ROUNDS = 20;

/**
 * Seals every secret with another master key while all goes on being served: from the first moment on new secrets are
 * sealed with it. Broken off anywhere it leaves secrets of both keys, readable with both; called again it goes on.
 * Done by several at the same time with the same new key, it is done once; with different ones, all but the first
 * are refused. A former key is forgotten only when nothing is sealed with it, which the database sees to.
 *
 * @throws BackendError PLINTH_MASTER_KEY_INVALID, PLINTH_CONFIG_INVALID
 */
export async function rotateMasterKey(surroundings: MasterKeySurroundings, { newMasterKey, batchSize = 200, onProgress }: RotateMasterKeyOptions = {}): Promise<MasterKeyRotation> {
  const { metadata, keyRing, actor, columns = SEALED_COLUMNS } = surroundings;
  const { db } = metadata;
  if (newMasterKey !== undefined) await takeUp(db, keyRing, newMasterKey);
  const counts = new Map<string, number>();
  const reseal = async (): Promise<void> => {
    for (const column of columns) {
      const name = `${column.table}.${column.column}`;
      await resealColumn(db, keyRing, column, batchSize, (resealed) => {
        counts.set(name, (counts.get(name) ?? 0) + resealed);
        onProgress?.({ column: name, resealed: counts.get(name) ?? 0 });
      });
    }
  };
  for (let round = 0; round < MAX_ROUNDS; round++) {
    await reseal().catch((error: unknown) => Promise.reject(isMasterKeyViolation(error) ? retiredKey(error) : error));
    const resealed = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const others = await retireOthers(db, keyRing, actor, resealed);
    if (others) return { keyId: keyRing.currentKeyId, resealed, retired: others };
  }
  throw new BackendError(CORE_ERRORS.masterKeyInvalid, { message: "Another process goes on writing secrets with a former master key.", hint: "Give every process the new key as masterKey and the former one in previousMasterKeys, then rotate again." });
}

/** Only a key that is noted may be sealed with. One that can't be is forgotten again. */
async function takeUp(db: Kysely<MetadataTables>, keyRing: KeyRing, newMasterKey: string): Promise<void> {
  const wasThere = keyRing.keyIds;
  const keyId = await keyRing.add(newMasterKey);
  try {
    await noteMasterKey(db, keyRing, keyId);
  } catch (error) {
    if (!wasThere.has(keyId)) keyRing.drop(keyId);
    throw error;
  }
  keyRing.makeCurrent(keyId);
}

/** @returns undefined where something is sealed with one of them still, or again */
async function retireOthers(db: Kysely<MetadataTables>, keyRing: KeyRing, actor: string, resealed: number): Promise<readonly string[] | undefined> {
  const keyId = keyRing.currentKeyId;
  try {
    return await db.transaction().execute(async (transaction) => {
      const rows = await transaction.deleteFrom("plinth.master_keys").where("key_id", "<>", keyId).where("key_id", "in", [...keyRing.keyIds]).returning("key_id").execute();
      const retired = rows.map(({ key_id }) => key_id);
      if (retired.length > 0 || resealed > 0) await recordAudit(transaction, { actor, action: "master-key.rotate", ref: null, projectUid: null, after: { keyId, count: resealed } });
      return retired;
    });
  } catch (error) {
    if (isMasterKeyViolation(error)) return undefined;
    throw error;
  }
}
