import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { DOOMED_DIRECTORY } from "@plinth/core";
import { type Finding, ok, problem, warning } from "../check.ts";
import type { ProjectsCheck } from "./surroundings.ts";

/** Every embedded project has its directory, and there is no other. */
export const checkDirectories: ProjectsCheck = async ({ config: { inMemory, dataDirectory }, rows }) => {
  if (inMemory) return [];
  const parent = path.resolve(dataDirectory, "projects");
  const names = await readdir(parent).catch((): string[] => []);
  const embedded = rows.filter(({ host }) => host === "embedded");
  if (names.length === 0 && embedded.length === 0) return [];
  const expected = new Set([...embedded.map((row) => row.database_name), ...rows.flatMap(({ move }) => (move?.cluster === "embedded" ? [move.database] : []))]);
  const missing = embedded
    .filter(({ status, database_name: name }) => status !== "provisioning" && status !== "deleting" && !existsSync(path.join(parent, name, "cluster", "PG_VERSION")))
    .map(({ ref, database_name: name }): Finding => problem("Databases", `"${ref}": its directory ${path.join(parent, name)} is not there, or is no database.`, `Bring it back from a backup, or give the project up: plinth projects delete ${ref} --now --yes.`));
  const left = names.filter((name) => !expected.has(name)).map((name): Finding => {
    const remove = `If nothing in it is needed, remove it: rm -r ${path.join(parent, name)}`;
    return DOOMED_DIRECTORY.test(name) ? warning("Databases", `${path.join(parent, name)} was being deleted.`, remove) : problem("Databases", `${path.join(parent, name)} is no project's.`, remove);
  });
  return [ok("Databases", `${embedded.length - missing.length} in ${parent}`), ...missing, ...left];
};
