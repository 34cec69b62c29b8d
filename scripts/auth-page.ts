import { z } from "zod";
import type { Endpoint } from "../packages/auth/src/endpoint/endpoint.ts";
import { authOptionsSchema } from "../packages/auth/src/config/auth-options.ts";
import { SECRET_SETTINGS } from "../packages/auth/src/config/secret-settings.ts";
import { ENDPOINTS } from "../packages/auth/src/endpoints.ts";

/** What of a JSON Schema the table of settings needs. */
interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly default?: unknown;
}

/** docs/auth.md with its two tables as the sources have them. */
export function renderAuthPage(page: string): string {
  return fill(fill(page, "endpoints", endpointTable()), "settings", settingsTable());
}

function fill(page: string, name: string, table: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/auth.md has no place for ${name}`);
  return `${page.slice(0, from + begin.length)}\n${table}\n${page.slice(to)}`;
}

const FOR: Readonly<Record<Endpoint["access"], string>> = { public: "anybody, without a key", open: "whoever has the project's key", user: "a signed-in user", admin: "the service role" };

function endpointTable(): string {
  const rows = ENDPOINTS.map((endpoint) => {
    const { method, path, access, rateLimit, captcha, notAnonymous } = endpoint;
    const more = [rateLimit && `limit \`${rateLimit}\``, captcha && "captcha", notAnonymous && "not for anonymous users"].filter(Boolean).join(", ");
    return `| ${method} | \`${path}\` | ${FOR[access]} | ${more} |`;
  });
  return ["| | below `/auth/v1` | for | |", "| --- | --- | --- | --- |", ...rows, "| GET | `/.well-known/jwks.json` | anybody, without a key | |"].join("\n");
}

function settingsTable(): string {
  const schema = z.toJSONSchema(authOptionsSchema, { io: "input", unrepresentable: "any" }) as Schema;
  const rows = leaves("", schema).map(([name, leaf]) => `| \`${name}\` | ${typeOf(leaf)} | ${leaf.default === undefined ? "" : `\`${shortened(JSON.stringify(leaf.default))}\``} | ${isSecret(name) ? "sealed" : ""} |`);
  return ["| setting | | default | |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function leaves(path: string, schema: Schema): ReadonlyArray<readonly [string, Schema]> {
  if (schema.properties === undefined) {
    const { additionalProperties: each } = schema;
    return typeof each === "object" && each.properties !== undefined ? leaves(`${path}.*`, each) : [[path, schema]];
  }
  return alike(schema.properties).flatMap(([name, part]) => leaves(path === "" ? name : `${path}.${name}`, part));
}

/** Where several of a kind are side by side (providers, hooks, kinds of mail), one line tells of all. */
function alike(properties: Readonly<Record<string, Schema>>): ReadonlyArray<readonly [string, Schema]> {
  const groups = new Map<string, { readonly names: string[]; readonly schema: Schema }>();
  for (const [name, schema] of Object.entries(properties)) {
    const text = JSON.stringify(schema);
    const group = groups.get(text) ?? { names: [], schema };
    group.names.push(name);
    groups.set(text, group);
  }
  return [...groups.values()].flatMap(({ names, schema }) => (names.length > 5 && (schema.properties !== undefined || schema.default === undefined || schema.default === false) ? [[`{${names.join(", ")}}`, schema] as const] : names.map((name) => [name, schema] as const)));
}

function typeOf({ type, enum: choices, const: only, anyOf, items, additionalProperties: each }: Schema): string {
  if (choices) return choices.map((choice) => `\`${JSON.stringify(choice)}\``).join(", ");
  if (only !== undefined) return `\`${JSON.stringify(only)}\``;
  if (anyOf) return anyOf.map(typeOf).join(" or ");
  if (items) return "list of texts";
  if (typeof each === "object") return "texts by name";
  return { string: "text", integer: "whole number", number: "number", boolean: "yes or no" }[type ?? ""] ?? "";
}

const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text).replaceAll("|", "\\|");

const isSecret = (name: string): boolean => SECRET_SETTINGS.some((secret) => new RegExp(`^${secret.split(".").map((part) => (part === "*" ? "(?:[^.{}]+|\\{[^}]+\\})" : part)).join("\\.")}$`).test(name));
