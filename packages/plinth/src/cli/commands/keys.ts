import { backendCommand } from "../backend-command.ts";
import type { CommandGroup } from "../command.ts";
import { text } from "../flags.ts";
import { readOptionalSecret } from "../read-secret.ts";
import { createKey, expireKey, listKeys, renameKey, revokeKey } from "./keys-opaque.ts";
import { rotateJwtSecret } from "./keys-jwt-secret.ts";
import { signing } from "./keys-signing.ts";

const rotateMaster = backendCommand({
  summary: "Seal every stored secret with another master key; broken off, it goes on when it is run again",
  flags: { newKeyFile: text("FILE", "Where the new master key is, \"-\" for standard input; needed unless the key is in the data folder, where a new one is made") },
  confirm: () => "This makes another master key: processes that can't read the new one are shut out of the stored secrets. See docs/keys.md.",
  async run(backend, _values, { newKeyFile }) {
    const newMasterKey = await readOptionalSecret(newKeyFile);
    const rotation = await backend.rotateMasterKey({ ...(newMasterKey === undefined ? {} : { newMasterKey }), actor: "cli" });
    const retired = rotation.retired.length > 0 ? ` No longer needed: ${rotation.retired.join(", ")}.` : "";
    return { json: rotation, text: `${rotation.resealed} secrets were sealed anew; all are sealed with the master key ${rotation.keyId} now.${retired}` };
  },
});

export const keys: CommandGroup = {
  summary: "Make, list and revoke keys of a project, and rotate secrets",
  commands: { list: listKeys, create: createKey, rename: renameKey, expire: expireKey, revoke: revokeKey, "rotate-jwt": rotateJwtSecret, signing, "rotate-master": rotateMaster },
};
