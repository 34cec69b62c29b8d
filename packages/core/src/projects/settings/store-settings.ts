import { randomBytes } from "node:crypto";
import type { Kysely } from "kysely";
import type { MetadataTables } from "../../metadata/metadata-tables.ts";
import type { KeyRing } from "../../secrets/key-ring.ts";
import { dataKeyContext, ensureDataKey, openDataKey } from "../keys/data-key.ts";
import type { ProjectSettings } from "../project.ts";
import type { ProjectRow } from "../project-rows.ts";
import type { ProjectSurroundings } from "../project-surroundings.ts";
import { hasSealed, needDataKey, openSettings, sealSettings } from "./sealed-settings.ts";

type Surroundings = Pick<ProjectSurroundings, "keyRing" | "secretSettings">;

/** Of a project that is there: its settings as they are to be stored. @throws BackendError PLINTH_CONFIG_INVALID */
export async function storedSettings({ keyRing, secretSettings }: Surroundings, db: Kysely<MetadataTables>, { uid, settings: before }: Pick<ProjectRow, "uid" | "settings">, given: ProjectSettings): Promise<ProjectSettings> {
  if (!needDataKey(given, secretSettings)) return given;
  return sealSettings(given, { secretPaths: secretSettings, before, dataKey: await ensureDataKey(db, keyRing, uid) });
}

/**
 * Of one that is being made: with the data key that its settings are sealed with, where they need one.
 * @throws BackendError PLINTH_CONFIG_INVALID
 */
export function newSettings({ keyRing, secretSettings }: Surroundings, uid: string, given: ProjectSettings): { readonly settings: ProjectSettings; readonly dataKey: { readonly data_key?: string } } {
  if (!needDataKey(given, secretSettings)) return { settings: given, dataKey: {} };
  const dataKey = randomBytes(32).toString("base64url");
  return { settings: sealSettings(given, { secretPaths: secretSettings, before: {}, dataKey }), dataKey: { data_key: keyRing.seal(dataKey, dataKeyContext(uid)) } };
}

/** The settings of a row as they were given. @throws BackendError PLINTH_SECRET_UNREADABLE, PLINTH_MASTER_KEY_INVALID */
export function openedSettings(row: Pick<ProjectRow, "uid" | "settings" | "data_key">, keyRing: KeyRing): ProjectSettings {
  return hasSealed(row.settings) ? openSettings(row.settings, openDataKey(row, keyRing) ?? "") : row.settings;
}
