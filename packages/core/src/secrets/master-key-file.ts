import { randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";

/**
 * The master key kept in a file beside the data; made by random, readable by its owner alone (0600), where there is none.
 * Processes that come at the same moment all get the same key.
 *
 * @returns 32 bytes as base64, as `createKeyRing` takes it
 * @throws BackendError PLINTH_MASTER_KEY_INVALID where the file is there and empty
 */
export async function readOrMakeMasterKeyFile(path: string): Promise<string> {
  const present = await readKey(path);
  if (present !== undefined) return present;
  await mkdir(dirname(path), { recursive: true });
  await publish(path, randomBytes(32).toString("base64"));
  const made = await readKey(path);
  if (made === undefined) throw new BackendError(CORE_ERRORS.masterKeyInvalid, { message: `The master key file ${path} has gone away while it was being made.`, hint: null });
  return made;
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
}
