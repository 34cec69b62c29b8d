import { renameRoles, type RoleNames } from "./rename-roles.ts";
import type { SchemaEntry } from "./split-script.ts";

/** What a schema is to be made in. */
export interface SchemaTarget {
  /** As `server_version_num`: 150018 for 15.18. */
  readonly version: number;
  readonly roles: RoleNames;
}

/** The privilege MAINTAIN came with 17. */
const MAINTAIN_SINCE = 170_000;

/** @returns the entry's SQL for the target; undefined where it has none there */
export function fitEntry(entry: SchemaEntry, target: SchemaTarget): string | undefined {
  const fit = FITS[entry.type];
  return fit ? fit(entry, target) : entry.sql;
}

type Fit = (entry: SchemaEntry, target: SchemaTarget) => string | undefined;

const withRoles: Fit = ({ sql }, { roles }) => renameRoles(sql, roles);

/** Rights that were passed on by somebody who had them from the owner are given by the owner: a session of another role's would take a superuser. */
const rights: Fit = ({ schema, sql }, { roles, version }) => {
  // PostgreSQL's own objects have other rights and other names in each version; the set-up sees to them.
  if (schema === "pg_catalog" || schema === "information_schema") return undefined;
  const byOwner = sql.replace(/^(?:SET SESSION AUTHORIZATION .*|RESET SESSION AUTHORIZATION);\n?/gm, "");
  return renameRoles(version < MAINTAIN_SINCE ? withoutMaintain(byOwner) : byOwner, roles);
};

const FITS: Readonly<Record<string, Fit>> = {
  ACL: rights,
  "DEFAULT ACL": rights,
  POLICY: withRoles,
  // Every database begins with one.
  SCHEMA: ({ name, sql }) => (name === "public" ? sql.replace(/^CREATE SCHEMA /, "CREATE SCHEMA IF NOT EXISTS ") : sql),
  // The set-up makes them, where the target lets it; the functions that they call are not carried over.
  "EVENT TRIGGER": ({ sql }) => (/EXECUTE FUNCTION plinth\./.test(sql) ? undefined : sql),
  // An extension's is its own, and on many servers nobody's to set; that the set-up has run is not so here.
  COMMENT: ({ name, sql }) => (name.startsWith("EXTENSION ") || sql.startsWith("COMMENT ON SCHEMA auth IS 'plinth set-up ") ? undefined : sql),
};

const withoutMaintain = (sql: string): string =>
  sql
    .split("\n")
    .filter((line) => !/\b(?:GRANT|REVOKE) MAINTAIN ON /.test(line))
    .map((line) => line.replace(/^((?:ALTER DEFAULT PRIVILEGES .*?)?(?:GRANT|REVOKE) )([A-Z, ()]*?)( ON )/, (_, before: string, list: string, on: string) => before + list.replace(/,?\bMAINTAIN\b/, "").replace(/^,/, "") + on))
    .join("\n");
