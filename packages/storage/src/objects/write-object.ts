import { randomUUID } from "node:crypto";
import type { ObjectKey, ObjectStore, Statement, StoredObject } from "@plinth/core";
import type { StorageWork } from "../endpoint/storage-call.ts";
import type { Actor } from "../endpoint/storage-query.ts";
import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";
import { ownerColumns } from "./owner-columns.ts";
import { trackedByLooking, trackedByTrigger, type TrackedWrite, untracked } from "./replaced-object.ts";
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

/** By which right an object is written. */
export type WritingRight = "checked" | "caller";

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
  await writing(() => call.query("caller", [upsertRow(object, "1", announced, randomUUID())], { rollback: true }));
}

/**
 * Makes stored bytes the object's. The last of several writers wins where they may replace it, the first where they may not;
 * what the object was before is thrown away, or archived by its bucket. One round trip.
 * @param right `checked`: that the caller may was shown before. `caller`: their own policies decide now, on the very row.
 * @throws StorageError as `checkMayWrite`
 */
export async function writeObject(call: StorageWork, object: ObjectToWrite, version: string, metadata: ObjectMetadata, right: WritingRight): Promise<WrittenObject> {
  const { trash } = call.storage;
  const id = randomUUID();
  const write = upsertRow(object, version, metadata, id);
  const actor: Actor = right === "caller" ? "caller" : "service";
  const { statements, replaced } = track(call, object, write, actor);
  const results = await writing(() => call.query(actor, statements, { unstoppable: true }));
  if (results[statements.indexOf(write)]!.command !== "INSERT 0 1") {
    trash.add([version]);
    throw new StorageError(STORAGE_ERRORS.accessDenied, { message: "A trigger of storage.objects passed the object over." });
  }
  const before = replaced(results);
  if (before !== undefined) trash.add(before.versions);
  return { id: before?.id ?? id, version, isNew: before === undefined };
}

/**
 * Stores bytes and makes them the object's. Nothing is left of them where that fails, but where nobody knows whether it did.
 * @param right see `writeObject`
 */
export async function storeObject(
  call: StorageWork,
  object: ObjectToWrite,
  store: (store: ObjectStore, key: ObjectKey) => Promise<StoredObject>,
  describe: (stored: StoredObject) => ObjectMetadata,
  right: WritingRight,
): Promise<WrittenObject & { readonly metadata: ObjectMetadata }> {
  const { storage } = call;
  const version = newVersion();
  storage.trash.underWay.add(version);
  try {
    const metadata = describe(await store(storage.store, storage.keyOf(version)));
    return { ...(await writeObject(call, object, version, metadata, right)), metadata };
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

function track(call: StorageWork, object: ObjectToWrite, write: Statement, actor: Actor): TrackedWrite {
  if (!object.upsert) return untracked(write);
  return call.tenant.project.adopted ? trackedByLooking(call, object, write, actor) : trackedByTrigger(object, write);
}

/** It returns nothing: that would take a policy for reading as well. The id is a new object's; one that is replaced keeps its own. */
function upsertRow({ bucket, name, owner, upsert, userMetadata }: ObjectToWrite, version: string, metadata: ObjectMetadata | AnnouncedMetadata, id: string): Statement {
  const columns = new Map<string, string | null>([
    ["id", id],
    ["bucket_id", bucket],
    ["name", name],
    ["version", version],
    ["metadata", JSON.stringify(metadata)],
    ["user_metadata", JSON.stringify(userMetadata ?? {})],
    ...ownerColumns(owner),
  ]);
  const names = [...columns.keys()];
  const replaced = names.slice(3).map((column) => `${column} = excluded.${column}`);
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
