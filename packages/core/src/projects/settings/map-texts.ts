import type { ProjectSettings } from "../project.ts";

/** The names of objects that lead to a text in settings, the service's first. Places in lists don't count. */
export type SettingPath = readonly string[];

/** Settings with each of their texts as `change` makes it. */
export const mapTexts = (settings: ProjectSettings, change: (text: string, path: SettingPath) => string): ProjectSettings => mapPart(settings, [], change) as ProjectSettings;

function mapPart(value: unknown, path: SettingPath, change: (text: string, path: SettingPath) => string): unknown {
  if (typeof value === "string") return change(value, path);
  if (Array.isArray(value)) return value.map((item) => mapPart(item, path, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, mapPart(part, [...path, name], change)]));
}
