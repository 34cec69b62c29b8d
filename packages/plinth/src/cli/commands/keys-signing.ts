import type { SigningKey } from "@plinth/core";
import { type Answer, type Column, table } from "../answer.ts";
import { backendCommand } from "../backend-command.ts";
import type { CommandGroup } from "../command.ts";
import { choice } from "../flags.ts";
import { defined } from "./defined.ts";
import { checkOverlap, OVERLAP, overlapOf } from "./overlap-flags.ts";

const COLUMNS: readonly Column<SigningKey>[] = [
  ["KID", ({ kid }) => kid],
  ["ALGORITHM", ({ algorithm }) => algorithm],
  ["STATUS", ({ status }) => status],
  ["CREATED", ({ createdAt }) => createdAt],
  ["VERIFIES UNTIL", ({ verifyUntil, status }) => verifyUntil ?? (status === "previous" ? "it is revoked" : null)],
];

const shown = (key: SigningKey): Answer => ({ json: key, text: table([key], COLUMNS, "") });

const REF_AND_KID = [{ name: "REF" }, { name: "KID" }];

/** Asymmetric keys that a project's tokens are signed with, and JWT secrets that it had before. */
export const signing: CommandGroup = {
  summary: "Make, rotate and revoke keys that a project's tokens are signed with",
  commands: {
    list: backendCommand({
      summary: "List them, newest first",
      arguments: [{ name: "REF" }],
      async run(backend, [ref = ""]) {
        const keys = await backend.projects.keys(ref).listSigningKeys();
        return { json: { keys }, text: table(keys, COLUMNS, "No signing keys: the JWT secret signs.") };
      },
    }),
    create: backendCommand({
      summary: "Make one, which is published and on standby",
      arguments: [{ name: "REF" }],
      flags: { algorithm: choice(["ES256", "RS256", "EdDSA"], "ES256, RS256 or EdDSA (default ES256)") },
      run: async (backend, [ref = ""], { algorithm }) => shown(await backend.projects.keys(ref).createSigningKey(defined({ algorithm }))),
    }),
    rotate: backendCommand({
      summary: "Sign with a standby key from now on (default: the oldest)",
      arguments: [{ name: "REF" }, { name: "KID", optional: true }],
      flags: OVERLAP,
      check: checkOverlap,
      run: async (backend, [ref = "", kid], flags) => shown(await backend.projects.keys(ref).rotateSigningKey({ ...overlapOf(flags), ...defined({ kid }) })),
    }),
    revoke: backendCommand({
      summary: "End what was signed with a standby or previous key, at once",
      arguments: REF_AND_KID,
      confirm: ([ref, kid]) => `This ends every token of the project "${ref}" that was signed with the key ${kid}.`,
      run: async (backend, [ref = "", kid = ""]) => shown(await backend.projects.keys(ref).revokeSigningKey(kid)),
    }),
    restore: backendCommand({
      summary: "Put a previous or revoked key on standby again",
      arguments: REF_AND_KID,
      run: async (backend, [ref = "", kid = ""]) => shown(await backend.projects.keys(ref).restoreSigningKey(kid)),
    }),
    delete: backendCommand({
      summary: "Forget a revoked key",
      arguments: REF_AND_KID,
      confirm: ([ref, kid]) => `This forgets the key ${kid} of the project "${ref}" for good.`,
      async run(backend, [ref = "", kid = ""]) {
        await backend.projects.keys(ref).deleteSigningKey(kid);
        return { json: { kid, deleted: true }, text: `The key ${kid} is forgotten.` };
      },
    }),
  },
};
