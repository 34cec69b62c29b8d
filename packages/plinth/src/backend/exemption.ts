import path from "node:path";
import type { MigrationFile } from "@plinth/core";
import type { BackendConfig } from "../config/backend-config.ts";

/** The default project may have a folder of its own: then the files of another one are not for it. */
export function exemption({ project, migrations }: BackendConfig, source: string | readonly MigrationFile[]): (ref: string) => string | undefined {
  const own = project === false ? undefined : migrations;
  const hasOther = own !== undefined && (typeof source !== "string" || path.resolve(own) !== path.resolve(source));
  return (ref) => (hasOther && project !== false && ref === project.ref ? `it has migrations of its own, in ${own}` : undefined);
}
