import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { passFiles } from "../files/take-files.ts";
import { openKeys } from "./export-keys.ts";
import { exportInvalid } from "./frame-reader.ts";
import { readExport } from "./read-export.ts";

/** An export that is what was exported under the passphrase, kept in a file of our own. */
export interface ProvenExport {
  read(): AsyncIterable<Uint8Array>;
  remove(): Promise<void>;
}

/**
 * Reads an export to its end before anything in it is run: what proves it comes last, and SQL that was put in by somebody
 * else would have done its work by then.
 *
 * @throws BackendError PLINTH_EXPORT_INVALID; what `source` throws
 */
export async function proveExport(source: AsyncIterable<Uint8Array>, passphrase: string): Promise<ProvenExport> {
  // Only its owner gets into the folder.
  const folder = await mkdtemp(path.join(tmpdir(), "plinth-import-"));
  const file = path.join(folder, "export");
  const proven: ProvenExport = { read: () => createReadStream(file), remove: () => rm(folder, { recursive: true, force: true }) };
  try {
    await pipeline(source, createWriteStream(file, { mode: 0o600 }));
    await prove(proven.read(), passphrase);
    return proven;
  } catch (error) {
    await proven.remove();
    throw error;
  }
}

async function prove(source: AsyncIterable<Uint8Array>, passphrase: string): Promise<void> {
  const opened = await readExport(source);
  try {
    for await (const part of opened.parts) void part;
    await passFiles(opened.files);
  } finally {
    await opened.close();
  }
  const keys = opened.keys();
  // Whoever changed it may have taken the keys out as well.
  if (keys === undefined) throw exportInvalid("The export has no keys, so the passphrase doesn't prove it. Leave the passphrase out if you know where the file comes from.");
  await openKeys(keys.sealed, passphrase, keys.digest);
}
