import type { ApiKey } from "@plinth/core";
import { type Column, fields, table } from "../answer.ts";
import { backendCommand } from "../backend-command.ts";
import { UsageError } from "../command-error.ts";
import { choice, duration, text, toggle } from "../flags.ts";
import { defined } from "./defined.ts";

const COLUMNS: readonly Column<ApiKey>[] = [
  ["ID", ({ id }) => id],
  ["NAME", ({ name }) => name],
  ["KIND", ({ kind }) => kind],
  ["ROLE", ({ role }) => role],
  ["KEY", ({ hint }) => `${hint}…`],
  ["CREATED", ({ createdAt }) => createdAt],
  ["EXPIRES", ({ expiresAt }) => expiresAt],
  ["REVOKED", ({ revokedAt }) => revokedAt],
];

const from = (milliseconds: number | undefined): Date | undefined => (milliseconds === undefined ? undefined : new Date(Date.now() + milliseconds));

export const listKeys = backendCommand({
  summary: "List a project's opaque keys, revoked and expired ones too",
  arguments: [{ name: "REF" }],
  async run(backend, [ref = ""]) {
    const keys = await backend.projects.keys(ref).list();
    return { json: { keys }, text: table(keys, COLUMNS, "No opaque keys. The project's anon and service role keys: plinth projects get REF.") };
  },
});

export const createKey = backendCommand({
  summary: "Make an opaque key, which is shown this once",
  arguments: [{ name: "REF" }],
  flags: {
    kind: choice(["publishable", "secret"], "publishable, which may be shown to anybody, or secret, for servers (default publishable)"),
    name: text("TEXT", "What it is for, for people; needed"),
    role: text("ROLE", "The PostgreSQL role of its holder (default: anon's, or the service role's for a secret one)"),
    expires: duration("For how long it holds: 12h, 90d (default: for ever)"),
  },
  check({ name }) {
    if (name === undefined) throw new UsageError('--name is missing: what the key is for.\nSee "plinth keys create --help".');
  },
  async run(backend, [ref = ""], { kind = "publishable", name = "", role, expires }) {
    const made = await backend.projects.keys(ref).create({ kind, name, ...defined({ role, expiresAt: from(expires) }) });
    return { json: made, text: `${fields({ key: made.key, id: made.id, name: made.name, kind: made.kind, role: made.role, expires: made.expiresAt })}\n\nThe key is not kept and can't be shown again.` };
  },
});

export const renameKey = backendCommand({
  summary: "Give an opaque key another name",
  arguments: [{ name: "REF" }, { name: "ID" }, { name: "NAME" }],
  async run(backend, [ref = "", id = "", name = ""]) {
    const key = await backend.projects.keys(ref).rename(id, name);
    return { json: key, text: table([key], COLUMNS, "") };
  },
});

export const expireKey = backendCommand({
  summary: "Say how long an opaque key holds from now on",
  arguments: [{ name: "REF" }, { name: "ID" }],
  flags: { in: duration("For how long: 0s, 12h, 90d"), never: toggle("For ever") },
  check({ in: time, never }) {
    if ((time === undefined) === !never) throw new UsageError("say --in TIME, or --never.");
  },
  async run(backend, [ref = "", id = ""], { in: time }) {
    const key = await backend.projects.keys(ref).expire(id, from(time) ?? null);
    return { json: key, text: table([key], COLUMNS, "") };
  },
});

export const revokeKey = backendCommand({
  summary: "Take an opaque key back for good",
  arguments: [{ name: "REF" }, { name: "ID" }],
  confirm: ([ref, id]) => `This takes the key ${id} of the project "${ref}" back for good.`,
  async run(backend, [ref = "", id = ""]) {
    const key = await backend.projects.keys(ref).revoke(id);
    return { json: key, text: `The key ${key.id} (${key.name}) holds no more.` };
  },
});
