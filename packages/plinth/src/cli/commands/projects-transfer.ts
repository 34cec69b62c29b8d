import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { TransferredFiles } from "@plinth/core";
import { backendCommand } from "../backend-command.ts";
import { CommandError, UsageError } from "../command-error.ts";
import { text, toggle } from "../flags.ts";
import { readOptionalSecret } from "../read-secret.ts";
import { defined } from "./defined.ts";
import { describeProject } from "./describe-project.ts";

const PASSPHRASE = text("FILE", "Where the passphrase for the keys is, \"-\" for standard input");

export const exportProject = backendCommand({
  summary: "Write a project into one file: schema, data, the bytes of its files and, under a passphrase, its keys",
  arguments: [{ name: "REF" }, { name: "FILE" }],
  flags: { passphraseFile: PASSPHRASE, schemaOnly: toggle("Leave the data out, and the files"), withoutFiles: toggle("Leave the bytes of Storage's objects and of sites out: the rows that name them go along"), overwrite: toggle("Write over a file that is there") },
  async run(backend, [ref = "", file = ""], { passphraseFile, schemaOnly, withoutFiles, overwrite }) {
    const there = await stat(file).catch(() => undefined);
    if (there !== undefined && !overwrite) throw new UsageError(`${file} is there already. To write over it, pass --overwrite.`);
    const passphrase = await readOptionalSecret(passphraseFile);
    const told: { files?: TransferredFiles } = {};
    const stream = await backend.projects.export(ref, { data: !schemaOnly, files: !withoutFiles, onFiles: (files) => (told.files = files), ...defined({ passphrase }) });
    const bytes = await writeWhole(stream, file);
    const { files } = told;
    return { json: { ref, file, bytes, files }, text: `The project "${ref}" is in ${file} (${bytes} bytes${passphrase === undefined ? ", without its keys" : ""}).\n${describeFiles(files)}` };
  },
});

function describeFiles(files: TransferredFiles | undefined): string {
  if (files?.included !== true) return "It has no files: the bytes of Storage's objects and of sites are not in it.";
  const { count, size, missing } = files;
  const told = `It has ${count} ${count === 1 ? "file" : "files"} (${size} bytes).`;
  return missing.count === 0 ? told : `${told} Named by rows, and not there when it was made: ${missing.count} (${missing.examples.slice(0, 3).join(", ")}${missing.count > 3 ? ", …" : ""}).`;
}

/** Under its name only once it is whole. For its owner alone: it has all of the project's data in it. */
async function writeWhole(stream: Parameters<typeof Readable.fromWeb>[0], file: string): Promise<number> {
  const draft = `${file}.part`;
  try {
    await pipeline(Readable.fromWeb(stream), createWriteStream(draft, { mode: 0o600 }));
    await rename(draft, file);
    return (await stat(file)).size;
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

export const importProject = backendCommand({
  summary: "Make a project from an export; what is in it is run with the owner's rights: import only what you trust",
  arguments: [{ name: "FILE" }],
  flags: {
    ref: text("REF", "Ref of the project (default: the one that the export has); under another one it gets new keys"),
    name: text("TEXT", "A name for people (default: the one that the export has)"),
    cluster: text("NAME", "Database server to make it on (default: what the placement chooses)"),
    passphraseFile: text("FILE", "Where the passphrase for the keys is, \"-\" for standard input; without it new ones are made"),
    withoutFiles: toggle("Leave the bytes of Storage's objects and of sites out, also where the export has them"),
    newKeys: toggle("Make new keys, also where the export has the former ones"),
  },
  async run(backend, [file = ""], { ref, name, cluster, passphraseFile, withoutFiles, newKeys }) {
    const passphrase = await readOptionalSecret(passphraseFile);
    if ((await stat(file).catch(() => undefined)) === undefined) throw new CommandError(`there is no file ${file}.`);
    const told: { files?: TransferredFiles } = {};
    const project = await backend.projects.import(createReadStream(file), { files: !withoutFiles, onFiles: (files) => (told.files = files), ...defined({ ref, name, cluster, passphrase, keys: newKeys ? false : undefined }) });
    return { json: { ...project, files: told.files }, text: `${describeProject(project)}\n${describeFiles(told.files)}` };
  },
});

export const moveProject = backendCommand({
  summary: "Move a project's database to another cluster; its requests get a 503 meanwhile",
  arguments: [{ name: "REF" }],
  flags: { cluster: text("NAME", "Where to"), keepSource: toggle("Leave the former database, closed to its login") },
  check({ cluster }) {
    if (cluster === undefined) throw new UsageError('--cluster is missing: where to.\nSee "plinth projects move --help".');
  },
  confirm: ([ref], { cluster, keepSource }) => `This moves the project "${ref}" to the cluster "${cluster}"; it is not served meanwhile${keepSource ? "" : ", and its former database is dropped"}.`,
  async run(backend, [ref = ""], { cluster = "", keepSource }) {
    const project = await backend.projects.move(ref, { cluster, keepSource });
    return { json: project, text: `The project "${project.ref}" is on the cluster "${project.cluster}".` };
  },
});
