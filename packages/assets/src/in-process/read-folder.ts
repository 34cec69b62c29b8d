import { createReadStream, type Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { BackendError } from "@plinth/core";
import { ASSETS_ERRORS } from "../errors.ts";
import type { UploadedFile } from "../files/site-upload.ts";

/**
 * The files below a folder, by their paths in it.
 * @throws BackendError PLINTH_ASSETS_NO_FOLDER; PLINTH_ASSETS_INVALID_REQUEST where there is a link: it may lead out of the folder
 */
export async function* readFolder(folder: string): AsyncGenerator<UploadedFile, void> {
  const entries = await entriesOf(folder);
  const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => ({ entry, whole: path.join(entry.parentPath, entry.name) }));
  for (const { entry, whole } of files.toSorted((a, b) => (a.whole < b.whole ? -1 : 1))) {
    if (!entry.isFile()) throw new BackendError(ASSETS_ERRORS.invalidRequest, { message: `${whole} is no plain file.` });
    yield { path: path.relative(folder, whole).split(path.sep).join("/"), content: createReadStream(whole) as AsyncIterable<Uint8Array> };
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { recursive: true, withFileTypes: true });
  } catch (cause) {
    if (!["ENOENT", "ENOTDIR"].includes((cause as NodeJS.ErrnoException).code ?? "")) throw cause;
    throw new BackendError(ASSETS_ERRORS.noFolder, { message: `There is no folder ${JSON.stringify(path.resolve(folder))}.`, cause });
  }
}
