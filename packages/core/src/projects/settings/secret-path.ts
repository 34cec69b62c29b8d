import type { SettingPath } from "./map-texts.ts";

/**
 * Which settings are secret: names separated by dots, the service's first, `*` for any one name. Every text there and
 * below is: `auth.hook.*.secrets` has all of a list.
 */
export type SecretPath = string;

/** Whether one of `paths` leads to the setting, or to something that it is in. */
export const isSecret = (paths: readonly SecretPath[], setting: SettingPath): boolean =>
  paths.some((path) => path.split(".").every((name, index) => (name === "*" ? setting.length > index : setting[index] === name)));
