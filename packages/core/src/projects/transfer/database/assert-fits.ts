import type pg from "pg";
import { BackendError } from "../../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../../errors/errors.ts";
import type { RoleNames } from "../schema/rename-roles.ts";
import type { DatabaseFacts } from "./database-facts.ts";

/**
 * Says what the target's server lacks before anything is made there.
 * @throws BackendError PLINTH_TRANSFER_FAILED
 */
export async function assertFits(client: pg.Client, source: DatabaseFacts, roles: RoleNames): Promise<void> {
  const extensions = await missing(client, "select name from unnest($1::text[]) as name where name not in (select name from pg_available_extensions)", source.extensions.map(({ name }) => name));
  if (extensions.length > 0) {
    throw new BackendError(CORE_ERRORS.transferFailed, {
      message: `The target's server lacks extensions that the database uses: ${extensions.join(", ")}.`,
      hint: "Install them on the server, or drop them from the source.",
    });
  }
  const named = source.roles.map((role) => roles.get(role) ?? role);
  const unknown = await missing(client, "select name from unnest($1::text[]) as name where name not in (select rolname from pg_roles)", named);
  if (unknown.length > 0) {
    throw new BackendError(CORE_ERRORS.transferFailed, {
      message: `The target's server lacks roles that have rights in the database: ${unknown.join(", ")}.`,
      hint: `Make them there first: ${unknown.map((role) => `CREATE ROLE "${role}";`).join(" ")}`,
    });
  }
}

async function missing(client: pg.Client, sql: string, names: readonly string[]): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(sql, [names]);
  return rows.map(({ name }) => name);
}
