import type { OwnerDatabaseLease, TenantSecrets } from "@plinth/core";
import { addResults, type ImportCounts, type ImportedUsers, NONE_IMPORTED } from "./import-result.ts";
import { readUsers, type SourceUser, type UserSource } from "./user-source.ts";
import { writeUsers, type WriteOptions } from "./write-users.ts";

export interface ImportUsersOptions {
  readonly source: UserSource;
  /** The project's, with its owner's rights. */
  readonly target: Pick<OwnerDatabaseLease, "db">;
  readonly secrets: TenantSecrets;
  /** Users in one transaction. Default: 500. */
  readonly batchSize?: number | undefined;
  /** Leave triggers of the project's own on `auth.users` out: where what they make comes with the application's data. */
  readonly withoutTriggers?: boolean | undefined;
  /** Told after each batch. */
  readonly onProgress?: ((counts: ImportCounts) => void) | undefined;
  /** Ends after the batch under way. */
  readonly signal?: AbortSignal | undefined;
}

const BATCH_SIZE = 500;

/**
 * Takes over the users of a GoTrue database with their ids, passwords, identities, second factors and passkeys. Sessions
 * and what was sent in mails are not: users sign in again. Whoever is in the project already, by the id, is left as it
 * is: called again, it goes on where it was broken off, and takes over who has come since.
 *
 * @throws AuthError validation_failed where the source has no such tables; the source's errors; `signal`'s reason
 */
export async function importUsers({ source, target, secrets, batchSize = BATCH_SIZE, withoutTriggers = false, onProgress, signal }: ImportUsersOptions): Promise<ImportedUsers> {
  let result = NONE_IMPORTED;
  for await (const batch of readUsers(source, batchSize)) {
    signal?.throwIfAborted();
    result = addResults(result, await writeBatch(target.db, batch, { secrets, withoutTriggers }));
    onProgress?.(result);
  }
  return result;
}

/** All at once; where somebody among them is refused, one by one, so that it is known who. */
async function writeBatch(db: OwnerDatabaseLease["db"], batch: readonly SourceUser[], options: WriteOptions): Promise<ImportedUsers> {
  try {
    return await writeUsers(db, batch, options);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const [user, ...others] = batch;
    if (user === undefined || others.length > 0) return oneByOne(db, batch, options);
    return { ...NONE_IMPORTED, read: 1, failed: 1, problems: [{ userId: user.id, email: user.email, code: "database_raised", message: (error as Error).message }] };
  }
}

async function oneByOne(db: OwnerDatabaseLease["db"], batch: readonly SourceUser[], options: WriteOptions): Promise<ImportedUsers> {
  let result = NONE_IMPORTED;
  for (const user of batch) result = addResults(result, await writeBatch(db, [user], options));
  return result;
}

/** Of the data: violated constraints (23), raised errors (P0), values that don't fit (22), and what else a trigger meets (42, 21). */
const isRefusal = (error: unknown): boolean => /^(21|22|23|42|P0)...$/.test(String((error as { code?: unknown } | null)?.code));
