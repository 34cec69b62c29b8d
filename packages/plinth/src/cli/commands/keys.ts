import { readFile } from "node:fs/promises";
import process from "node:process";
import { text as textOf } from "node:stream/consumers";
import { backendCommand } from "../backend-command.ts";
import { UsageError } from "../command-error.ts";
import type { CommandGroup } from "../command.ts";
import { text } from "../flags.ts";
import { createKey, expireKey, listKeys, renameKey, revokeKey } from "./keys-opaque.ts";
import { rotateJwtSecret } from "./keys-jwt-secret.ts";
import { signing } from "./keys-signing.ts";

const rotateMaster = backendCommand({
  summary: "Seal every stored secret with another master key; broken off, it goes on when it is run again",
  flags: { newKeyFile: text("FILE", "Where the new master key is, \"-\" for standard input; needed unless the key is in the data folder, where a new one is made") },
  confirm: () => "This makes another master key: processes that can't read the new one are shut out of the stored secrets. See docs/keys.md.",
  async run(backend, _values, { newKeyFile }) {
    const newMasterKey = newKeyFile === undefined ? undefined : await readKey(newKeyFile);
    const rotation = await backend.rotateMasterKey({ ...(newMasterKey === undefined ? {} : { newMasterKey }), actor: "cli" });
    const retired = rotation.retired.length > 0 ? ` No longer needed: ${rotation.retired.join(", ")}.` : "";
    return { json: rotation, text: `${rotation.resealed} secrets were sealed anew; all are sealed with the master key ${rotation.keyId} now.${retired}` };
  },
});

/** Not as an argument: those are to be seen by whoever is on the machine. */
async function readKey(file: string): Promise<string> {
  const content = file === "-" ? await textOf(process.stdin) : await readFile(file, "utf8").catch((cause: unknown) => Promise.reject(new UsageError(`${file} can't be read: ${(cause as Error).message}`, { cause })));
  return content.trim();
}

export const keys: CommandGroup = {
  summary: "Make, list and revoke keys of a project, and rotate secrets",
  commands: { list: listKeys, create: createKey, rename: renameKey, expire: expireKey, revoke: revokeKey, "rotate-jwt": rotateJwtSecret, signing, "rotate-master": rotateMaster },
};
