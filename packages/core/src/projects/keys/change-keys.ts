import type { Selectable, Transaction } from "kysely";
import type { AuditFacts } from "../../audit/audited-fields.ts";
import { recordAudit } from "../../audit/record-audit.ts";
import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import { announceChange } from "../../metadata/announce-change.ts";
import type { MetadataTables, ProjectsTable } from "../../metadata/metadata-tables.ts";
import { findRowOrAlias } from "../find-row.ts";
import type { ProjectSurroundings } from "../project-surroundings.ts";

/** What changes of keys take place in. */
export type KeySurroundings = Pick<ProjectSurroundings, "metadata" | "keyRing" | "actor" | "origin" | "letGo">;

export type KeyOwner = Pick<Selectable<ProjectsTable>, "ref" | "uid" | "status" | "roles" | "settings" | "created_at" | "jwt_secret">;

export interface KeyAudit {
  readonly action: `key.${string}`;
  readonly before?: AuditFacts | null;
  readonly after?: AuditFacts | null;
}

/** What was done; without `audit` nothing was, and nobody is told. */
export interface KeyChange<T> {
  readonly result: T;
  readonly audit?: KeyAudit;
}

export interface OwnerWithAliases {
  readonly owner: KeyOwner;
  readonly aliases: readonly string[];
}

/** @throws BackendError PLINTH_PROJECT_NOT_FOUND, also for one half made or being deleted */
export async function findOwner(db: Parameters<typeof findRowOrAlias>[0], ref: string): Promise<OwnerWithAliases> {
  const found = await findRowOrAlias(db, ref);
  const gone = found === undefined || found.row.status === "provisioning" || found.row.status === "deleting" || found.row.status === "deleted";
  if (gone) throw new BackendError(CORE_ERRORS.projectNotFound, { details: `No project "${ref}".` });
  return { owner: found.row, aliases: found.aliases };
}

/**
 * Changes keys of a project in one transaction that notes who did it and at whose end the other processes are told.
 * The project's row is locked meanwhile, so that changes come one after the other.
 */
export async function changeKeys<T>(surroundings: KeySurroundings, ref: string, work: (transaction: Transaction<MetadataTables>, owner: KeyOwner) => Promise<KeyChange<T>>): Promise<T> {
  const { metadata, actor, origin } = surroundings;
  const { owner, aliases } = await findOwner(metadata.db, ref);
  try {
    return await metadata.db.transaction().execute(async (transaction) => {
      await transaction.selectFrom("plinth.projects").select("uid").where("uid", "=", owner.uid).forUpdate().execute();
      const { owner: locked } = await findOwner(transaction, ref);
      const { result, audit } = await work(transaction, locked);
      if (audit === undefined) return result;
      await recordAudit(transaction, { ...audit, actor, ref: locked.ref, projectUid: locked.uid });
      await announceChange(transaction, locked.ref, origin);
      return result;
    });
  } finally {
    // Where it failed too: a connection that broke off at the commit may have made the change.
    forget(surroundings, [owner.ref, ...aliases]);
  }
}

/** From here on nothing is opened with the former keys. Requests under way are not waited for. */
function forget({ letGo }: KeySurroundings, refs: readonly string[]): void {
  for (const ref of refs) letGo(ref).catch(() => undefined);
}
