import type { Kysely } from "kysely";
import type { MetadataTables } from "../../metadata/metadata-tables.ts";
import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import { commitChange } from "../commit-change.ts";
import { findRow, updateRow } from "../find-row.ts";
import type { ProjectSettings, UpdateProjectOptions } from "../project.ts";
import { describeRow, type ProjectRow } from "../project-rows.ts";
import type { ProjectSurroundings } from "../project-surroundings.ts";
import { openedSettings, storedSettings } from "../settings/store-settings.ts";
import { assertStatus, withProject } from "./with-project.ts";

/** How each option is stored. A record, so that the compiler sees to it that none is missing. */
const COLUMNS: { readonly [K in keyof Required<UpdateProjectOptions>]: (value: Exclude<UpdateProjectOptions[K], undefined>) => Partial<Parameters<typeof updateRow>[2]> } = {
  name: (name) => ({ name }),
  settings: (settings) => ({ settings: JSON.stringify(settings) }),
  jwks: (jwks) => ({ jwks: jwks && JSON.stringify(jwks) }),
  jwtAudience: (audience) => ({ jwt_audience: audience }),
};

/** @see Projects.update */
export async function updateProject(surroundings: ProjectSurroundings, ref: string, options: UpdateProjectOptions): Promise<ProjectRow> {
  checkUpdateOptions(options);
  return withProject(surroundings, ref, async (db, row) => {
    assertStatus(row, ["active", "paused"], "changed");
    const settings = options.settings && (await sealedAndChecked(surroundings, db, row, options.settings));
    const given = Object.entries({ ...options, settings }).filter(([, value]) => value !== undefined);
    const changes = Object.assign({}, ...given.map(([name, value]) => (COLUMNS[name as keyof typeof COLUMNS] as (value: unknown) => object)(value))) as Parameters<typeof updateRow>[2];
    const only = (facts: ReturnType<typeof describeRow>) => Object.fromEntries(given.map(([name]) => [name, facts[name as keyof typeof facts] ?? null]));
    const updated = await commitChange(surroundings, db, row, (after) => ({ action: "project.update", before: only(describeRow(row)), after: only(describeRow(after)) }), (transaction) =>
      updateRow(transaction, row.uid, changes));
    await surroundings.letGo(ref);
    return updated;
  });
}

async function sealedAndChecked(surroundings: ProjectSurroundings, db: Kysely<MetadataTables>, row: ProjectRow, given: ProjectSettings): Promise<ProjectSettings> {
  const settings = await storedSettings(surroundings, db, row, given);
  const { data_key } = (await findRow(db, row.ref)) ?? row;
  surroundings.checkSettings(openedSettings({ ...row, data_key, settings }, surroundings.keyRing));
  return settings;
}

function checkUpdateOptions(options: UpdateProjectOptions): void {
  const unknown = Object.keys(options).filter((name) => !(name in COLUMNS));
  if (unknown.length > 0) throw invalid(`There is no option ${unknown.join(", ")} to change.`, `There are: ${Object.keys(COLUMNS).join(", ")}. For another ref: projects.rename(ref, newRef).`);
  if (options.name !== undefined && (typeof options.name !== "string" || options.name === "")) throw invalid("name: must be a text");
}

const invalid = (problem: string, hint: string | null = null): BackendError =>
  new BackendError(CORE_ERRORS.configInvalid, { message: `The options of the project are not valid. ${problem}`, hint });
