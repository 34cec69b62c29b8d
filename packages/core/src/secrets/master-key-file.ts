import { randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";

/** The keys that are kept in files, as `createKeyRing` takes them. */
export interface MasterKeyFile {
  readonly masterKey: string;
  readonly previousMasterKeys: readonly string[];
}

/** Where a key is kept that secrets are being given: beside the present one, which is kept until they all have it. */
const nextPath = (path: string): string => `${path}.next`;

/**
 * The master key kept in a file beside the data; made by random, readable by its owner alone (0600), where there is none.
 * Processes that come at the same moment all get the same key. Where a rotation was broken off, the key that it was
 * going to comes first, and the one before it second.
 *
 * @returns 32 bytes as base64
 * @throws BackendError PLINTH_MASTER_KEY_INVALID where the file is there and empty
 */
export async function readOrMakeMasterKeyFile(path: string): Promise<MasterKeyFile> {
  // In this order: what is the next key now may be the present one a moment later.
  const next = await readKey(nextPath(path));
  const present = (await readKey(path)) ?? (await makeKey(path));
  return next === undefined || next === present ? { masterKey: present, previousMasterKeys: [] } : { masterKey: next, previousMasterKeys: [present] };
}

async function makeKey(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await publish(path, randomMasterKey());
  const made = await readKey(path);
  if (made === undefined) throw new BackendError(CORE_ERRORS.masterKeyInvalid, { message: `The master key file ${path} has gone away while it was being made.`, hint: null });
  return made;
}

/** 32 bytes as base64. */
export const randomMasterKey = (): string => randomBytes(32).toString("base64");

/**
 * Keeps the key that secrets are to be given beside the present one, before the first of them has it.
 *
 * @param masterKey default: a random one; where a rotation was broken off, the one it was going to
 * @returns the key that is kept now
 * @throws BackendError PLINTH_MASTER_KEY_INVALID where a rotation to another key was broken off
 */
export async function beginMasterKeyFile(path: string, masterKey: string | undefined): Promise<string> {
  await publish(nextPath(path), masterKey ?? randomMasterKey());
  const next = await readKey(nextPath(path));
  if (next !== undefined && (masterKey === undefined || masterKey === next)) return next;
  throw new BackendError(CORE_ERRORS.masterKeyInvalid, { message: "A rotation to another master key was begun and not ended.", hint: "Rotate without a new key first, which ends it." });
}

/** Makes the next key the present one, in one step, once nothing needs the present one. */
export async function endMasterKeyFile(path: string): Promise<void> {
  await rename(nextPath(path), path);
  await syncDirectory(dirname(path));
}

/** A name that was written only counts once its directory is on disk as well. Not everywhere can that be asked for. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r").catch(() => undefined);
  await directory?.sync().catch(() => undefined);
  await directory?.close();
}

async function readKey(path: string): Promise<string | undefined> {
  try {
    const key = (await readFile(path, "utf8")).trim();
    if (key !== "") return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  throw new BackendError(CORE_ERRORS.masterKeyInvalid, {
    message: `The master key file ${path} is empty.`,
    hint: "Put it back from a copy: without it the stored credentials can't be read.",
  });
}

/** Written whole under a name of its own, then linked: link() fails where another process was first, and nobody sees half a key. */
async function publish(path: string, key: string): Promise<void> {
  const draft = `${path}.${process.pid}.${randomBytes(6).toString("hex")}`;
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(`${key}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await unlink(draft);
  }
  await syncDirectory(dirname(path));
}
