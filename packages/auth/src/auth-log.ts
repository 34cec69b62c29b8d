/**
 * What is told of a mail or message that is not sent anywhere, and of settings that seem amiss.
 * @param level default: "info"
 */
export type AuthLog = (line: string, fields: Readonly<Record<string, unknown>>, level?: "info" | "warn") => void;

/** Of one project. */
export type WarnOnce = (line: string, fields: Readonly<Record<string, unknown>>) => void;

/** So many different warnings of one project are told: what strangers send must not fill a log. */
const MOST = 100;

/** Tells each warning once, for as long as the project is open. */
export function warningOnce(log: AuthLog): WarnOnce {
  const told = new Set<string>();
  return (line, fields) => {
    const key = JSON.stringify([line, fields]);
    if (told.has(key) || told.size >= MOST) return;
    told.add(key);
    log(line, fields, "warn");
  };
}
