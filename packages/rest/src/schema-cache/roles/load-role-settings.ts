import type { RawResult, Statement } from "@plinth/core";
import { ROLE_SETTINGS_SQL } from "./role-settings-sql.ts";
import { buildRoleSettings, type GivenRoleSettings, type RoleSettingRow, type RoleSettingsByName } from "./role-settings.ts";

export interface RoleSettingsSource {
  /** Whether the database is asked. */
  readonly fromDatabase: boolean;
  /** Go before what the database says. */
  readonly given: GivenRoleSettings;
  /** Longest that a statement may run, whatever is said of a role, in milliseconds. */
  readonly limitMs: number | undefined;
}

const FORBIDDEN = "42501";

/** @throws what `query` throws, except where the login may not read who has which settings: then nothing is known of the database's */
export async function loadRoleSettings(query: (statement: Statement) => Promise<RawResult>, { fromDatabase, given, limitMs }: RoleSettingsSource): Promise<RoleSettingsByName> {
  const rows = fromDatabase ? await readRows(query) : [];
  return buildRoleSettings(rows, given, limitMs);
}

async function readRows(query: (statement: Statement) => Promise<RawResult>): Promise<readonly RoleSettingRow[]> {
  try {
    const { rows } = await query({ sql: ROLE_SETTINGS_SQL, parameters: [] });
    return JSON.parse(rows[0]?.[0] ?? "[]") as RoleSettingRow[];
  } catch (error) {
    if ((error as { code?: string } | null)?.code === FORBIDDEN) return [];
    throw error;
  }
}
