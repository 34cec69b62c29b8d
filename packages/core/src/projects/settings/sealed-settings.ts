import { randomBytes } from "node:crypto";
import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import { isSealedText, keyForUse, openText, sealText } from "../../secrets/data-key-cipher.ts";
import type { ProjectSettings } from "../project.ts";
import { mapTexts, type SettingPath } from "./map-texts.ts";
import { isSecret, type SecretPath } from "./secret-path.ts";

/** What settings show in place of a secret; sent back in an update, it stands for the same secret. */
const maskOf = (sealed: string): string => `sealed:${sealed.split(".")[1]?.slice(0, 8)}`;
const isMask = (text: string): boolean => /^sealed:[A-Za-z0-9_-]{8}$/.test(text);

/** What stands for a secret that an export was made without: nobody could know it beforehand, so it opens nothing. */
const notExported = (): string => `(not exported ${randomBytes(12).toString("base64url")})`;
const isNotExported = (text: string): boolean => /^\(not exported [A-Za-z0-9_-]{16}\)$/.test(text);

const purposeOf = (path: SettingPath): string => `settings ${JSON.stringify(path)}`;

/** As anybody may see them. */
export const maskSettings = (stored: ProjectSettings): ProjectSettings => mapTexts(stored, (text) => (isSealedText(text) ? maskOf(text) : text));

/** For whoever has not got the data key. */
export const withholdSecrets = (stored: ProjectSettings): ProjectSettings => mapTexts(stored, (text) => (isSealedText(text) || isNotExported(text) ? notExported() : text));

export function hasSealed(stored: unknown): boolean {
  let found = false;
  mapTexts({ stored }, (text) => ((found ||= isSealedText(text)), text));
  return found;
}

/** As they were given. @throws BackendError PLINTH_SECRET_UNREADABLE */
export const openSettings = (stored: ProjectSettings, dataKey: string): ProjectSettings => mapTexts(stored, (text, path) => (isSealedText(text) ? open(text, path, dataKey) : text));

const open = (sealed: string, path: SettingPath, dataKey: string): string => openText(keyForUse(dataKey, "seal", purposeOf(path)), sealed, purposeOf(path));

export interface SealSettingsOptions {
  readonly secretPaths: readonly SecretPath[];
  /** As stored until now: its secrets can be kept. */
  readonly before: ProjectSettings;
  /** 256 bits as base64url. */
  readonly dataKey: string;
}

/**
 * Settings as they are stored. A mask stands for the secret that was there; one that hasn't changed stays as it is
 * sealed, so that its mask does.
 * @throws BackendError PLINTH_CONFIG_INVALID for a mask of no secret that the project has there
 */
export function sealSettings(given: ProjectSettings, { secretPaths, before, dataKey }: SealSettingsOptions): ProjectSettings {
  const known = sealedTexts(before);
  return mapTexts(given, (text, path) => {
    const there = known.get(purposeOf(path)) ?? [];
    if (isMask(text)) return there.find((sealed) => maskOf(sealed) === text) ?? refuse(path);
    if (isSealedText(text)) return there.includes(text) ? text : refuse(path);
    if (text === "" || isNotExported(text) || !isSecret(secretPaths, path)) return text;
    return there.find((sealed) => open(sealed, path, dataKey) === text) ?? sealText(keyForUse(dataKey, "seal", purposeOf(path)), text);
  });
}

/** Whether storing them needs a data key. */
export function needDataKey(given: ProjectSettings, secretPaths: readonly SecretPath[]): boolean {
  let found = false;
  mapTexts(given, (text, path) => ((found ||= isSecret(secretPaths, path) || isMask(text) || isSealedText(text)), text));
  return found;
}

/** By where they are. */
function sealedTexts(stored: ProjectSettings): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  mapTexts(stored, (text, path) => {
    if (isSealedText(text)) found.set(purposeOf(path), [...(found.get(purposeOf(path)) ?? []), text]);
    return text;
  });
  return found;
}

function refuse(path: SettingPath): never {
  throw new BackendError(CORE_ERRORS.configInvalid, {
    message: `settings.${path.join(".")}: is what stands for a secret, and the project has none such there.`,
    hint: "Give the secret itself; or what the project's settings show there, to keep the one that it has.",
  });
}
