import { randomUUID } from "node:crypto";
import type { ObjectKey, ObjectStore, RawResult, Statement, StoredObject } from "@plinth/core";
import type { StorageWork } from "../endpoint/storage-call.ts";
import type { QueryOptions } from "../endpoint/storage-query.ts";
import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";
import { ownerColumns } from "./owner-columns.ts";
import type { ObjectMetadata, UserMetadata } from "./stored-object-row.ts";

/** The object that is to be made or replaced. */
export interface ObjectToWrite {
  readonly bucket: string;
  /** As `objectName` gives it. */
  readonly name: string;
  readonly owner: string | undefined;
  /** Whether an object of that name may be replaced. */
  readonly upsert: boolean;
  readonly userMetadata: UserMetadata | undefined;
}

/** What policies can see of bytes that have yet to come. */
export interface AnnouncedMetadata {
  readonly mimetype?: string | undefined;
  readonly contentLength?: number | undefined;
}

export interface WrittenObject {
  readonly id: string;
  readonly version: string;
  readonly isNew: boolean;
}

/** Gives new bytes a place of their own. */
export const newVersion = (): string => randomUUID();

/**
 * Shows that the caller may write the object, as upstream does: by writing its row under the caller's role, and taking that
 * back. One round trip.
 * @throws StorageError AccessDenied; KeyAlreadyExists where it is there and not to be replaced; NoSuchBucket
 */
export async function checkMayWrite(call: StorageWork, object: ObjectToWrite, announced: AnnouncedMetadata): Promise<void> {
  await writing(() => call.query("caller", [tryRow(object, announced)], { rollback: true }));
}

/**
 * Makes stored bytes the object's. The last of several writers wins where they may replace it, the first where they may not;
 * what the object was before is thrown away, or archived by its bucket.
 * @param check also show, in the same round trip, that the caller may (`checkMayWrite`): for what was stored before that was known
 * @throws StorageError as `checkMayWrite`
 */
export async function writeObject(call: StorageWork, object: ObjectToWrite, version: string, metadata: ObjectMetadata, check?: AnnouncedMetadata): Promise<WrittenObject> {
  const write = [lock(object), presentVersion(object), writeRow(object, version, metadata)];
  const options: QueryOptions = { unstoppable: true };
  const results = await writing(() =>
    check === undefined ? call.query("service", write, options) : call.query("caller", [SAVEPOINT, tryRow(object, check), ROLLBACK, asService(call), ...write], { ...options, savepoints: true }));
  const [before, written] = results.slice(-2) as [RawResult, RawResult];
  const replaced = before.rows[0]?.[0];
  if (replaced !== undefined && replaced !== null) call.storage.trash.add([replaced]);
  return { id: written.rows[0]![0]!, version, isNew: before.rows.length === 0 };
}

/**
 * Stores bytes and makes them the object's. Nothing is left of them where that fails, but where nobody knows whether it did.
 * @param check see `writeObject`
 */
export async function storeObject(
  call: StorageWork,
  object: ObjectToWrite,
  store: (store: ObjectStore, key: ObjectKey) => Promise<StoredObject>,
  describe: (stored: StoredObject) => ObjectMetadata,
  check?: AnnouncedMetadata,
): Promise<WrittenObject & { readonly metadata: ObjectMetadata }> {
  const { storage } = call;
  const version = newVersion();
  storage.trash.underWay.add(version);
  try {
    const metadata = describe(await store(storage.store, storage.keyOf(version)));
    return { ...(await writeObject(call, object, version, metadata, check)), metadata };
  } catch (error) {
    if (isRolledBack(error)) storage.trash.add([version]);
    throw error;
  } finally {
    storage.trash.underWay.delete(version);
  }
}

/**
 * Whether PostgreSQL itself has said that it wrote nothing. Where the connection broke instead, it may still be waiting for
 * its turn to write the row, and write it after the trash has looked: such bytes are the sweep's.
 */
function isRolledBack(error: unknown): boolean {
  if (error instanceof StorageError) return isRolledBack(error.cause);
  const code = String((error as { readonly code?: unknown } | undefined)?.code);
  return code === "PLINTH_DATABASE_BUSY" || (/^[0-9A-Z]{5}$/.test(code) && !/^(?:08|57P|EPIPE)/.test(code));
}

const SAVEPOINT: Statement = { sql: "savepoint may_write", parameters: [] };
const ROLLBACK: Statement = { sql: "rollback to savepoint may_write", parameters: [] };

const asService = ({ tenant }: StorageWork): Statement => ({ sql: "select set_config('role', $1, true)", parameters: [tenant.project.roles.service] });

/** Of several that write one name, each sees what the one before has written. */
export const lock = ({ bucket, name }: Pick<ObjectToWrite, "bucket" | "name">): Statement => ({ sql: "select pg_advisory_xact_lock(hashtextextended('storage ' || $1 || '/' || $2, 0))", parameters: [bucket, name] });

const presentVersion = ({ bucket, name }: ObjectToWrite): Statement => ({ sql: "select version from storage.objects where bucket_id = $1 and name = $2 for update", parameters: [bucket, name] });

/** To show that one may. It returns nothing: that would take a policy for reading as well. */
const tryRow = (object: ObjectToWrite, metadata: AnnouncedMetadata): Statement => upsertRow(object, "1", metadata);

function writeRow(object: ObjectToWrite, version: string, metadata: ObjectMetadata): Statement {
  const { sql, parameters } = upsertRow(object, version, metadata);
  return { sql: `${sql} returning id`, parameters };
}

function upsertRow({ bucket, name, owner, upsert, userMetadata }: ObjectToWrite, version: string, metadata: ObjectMetadata | AnnouncedMetadata): Statement {
  const columns = new Map<string, string | null>([
    ["bucket_id", bucket],
    ["name", name],
    ["version", version],
    ["metadata", JSON.stringify(metadata)],
    ["user_metadata", JSON.stringify(userMetadata ?? {})],
    ...ownerColumns(owner),
  ]);
  const names = [...columns.keys()];
  const replaced = names.slice(2).map((column) => `${column} = excluded.${column}`);
  return {
    sql: `insert into storage.objects (${names.join(", ")}) values (${names.map((_, index) => `$${index + 1}`).join(", ")})${upsert ? ` on conflict (bucket_id, name) do update set ${replaced.join(", ")}` : ""}`,
    parameters: [...columns.values()],
  };
}

async function writing<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    if (error.code === STORAGE_ERRORS.resourceExists.code) throw new StorageError(STORAGE_ERRORS.keyExists, { cause: error });
    if (error.message === STORAGE_ERRORS.relatedNotFound.message) throw new StorageError(STORAGE_ERRORS.noSuchBucket, { cause: error });
    throw error;
  }
}
