import type { OwnerConnection } from "../database-host.ts";
import { openSecrets, type ProjectRow, toLocation } from "../project-rows.ts";
import type { ProjectSurroundings } from "../project-surroundings.ts";

/** A way into the project's database with the owner's rights, in whatever state the project is. */
export async function ownerOf({ keyRing, hosts }: ProjectSurroundings, row: ProjectRow): Promise<OwnerConnection> {
  const { credentials } = openSecrets(row, keyRing);
  if (credentials.kind === "adopted") return { config: { connectionString: credentials.ownerUrl }, release: async () => undefined };
  return hosts.of(row).openOwner(toLocation(row));
}
