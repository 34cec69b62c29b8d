import type { Kysely } from "kysely";
import { recordAudit } from "../audit/record-audit.ts";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import { announceChange } from "../metadata/announce-change.ts";
import type { MetadataTables } from "../metadata/metadata-tables.ts";
import { normalizeDomain } from "./domain-name.ts";
import type { ProjectDomain, ProjectDomains } from "./project-domains.ts";

export interface ProjectDomainsOptions {
  readonly db: Kysely<MetadataTables>;
  readonly ref: string;
  /** Who asks, for the audit log. */
  readonly actor: string;
  /** Domain whose labels are refs: nothing at or below it can be registered. */
  readonly base?: string | undefined;
  /** Finds the project by its ref, or by a former one. */
  readonly find: (db: Kysely<MetadataTables>, ref: string) => Promise<{ readonly uid: string; readonly ref: string } | undefined>;
  /** Called after a change, and waited for: this process forgets what it knew. */
  readonly onChanged: (ref: string) => void | Promise<void>;
}

type Transaction = Kysely<MetadataTables>;
type Owner = { readonly uid: string; readonly ref: string };

export function createProjectDomains(options: ProjectDomainsOptions): ProjectDomains {
  const { db } = options;
  return {
    add: async (text) => {
      const domain = registrable(text, options.base);
      return changing(options, (transaction, owner) => addDomain(transaction, owner, domain, options.actor));
    },
    list: async () => {
      const { uid } = await requireOwner(options, db);
      const rows = await db.selectFrom("plinth.domains").selectAll().where("project_uid", "=", uid).orderBy("domain").execute();
      return rows.map(toDomain);
    },
    remove: async (text) => {
      await changing(options, (transaction, owner) => removeDomain(transaction, owner, normalizeDomain(text) ?? "", options.actor));
    },
  };
}

interface Change<T> {
  readonly changed: boolean;
  readonly result: T;
}

async function changing<T>(options: ProjectDomainsOptions, work: (transaction: Transaction, owner: Owner) => Promise<Change<T>>): Promise<T> {
  const { ref, changed, result } = await options.db.transaction().execute(async (transaction) => {
    const owner = await requireOwner(options, transaction);
    const change = await work(transaction, owner);
    if (change.changed) await announceChange(transaction, owner.ref);
    return { ref: owner.ref, ...change };
  });
  if (changed) await options.onChanged(ref);
  return result;
}

async function addDomain(transaction: Transaction, { uid, ref }: Owner, domain: string, actor: string): Promise<Change<ProjectDomain>> {
  const made = await transaction.insertInto("plinth.domains").values({ domain, project_uid: uid }).onConflict((conflict) => conflict.doNothing()).returningAll().executeTakeFirst();
  if (made === undefined) {
    const there = await transaction.selectFrom("plinth.domains").selectAll().where("domain", "=", domain).executeTakeFirst();
    // Whose it is, is not for this caller to know.
    if (there?.project_uid !== uid) throw new BackendError(CORE_ERRORS.domainTaken, { details: `The domain "${domain}" leads to another project.` });
    return { changed: false, result: toDomain(there) };
  }
  await recordAudit(transaction, { actor, action: "domain.add", ref, projectUid: uid, after: { domain } });
  return { changed: true, result: toDomain(made) };
}

async function removeDomain(transaction: Transaction, { uid, ref }: Owner, domain: string, actor: string): Promise<Change<void>> {
  const { numDeletedRows } = await transaction.deleteFrom("plinth.domains").where("domain", "=", domain).where("project_uid", "=", uid).executeTakeFirst();
  if (numDeletedRows === 0n) return { changed: false, result: undefined };
  await recordAudit(transaction, { actor, action: "domain.remove", ref, projectUid: uid, before: { domain } });
  return { changed: true, result: undefined };
}

async function requireOwner({ find, ref }: ProjectDomainsOptions, db: Transaction): Promise<Owner> {
  const owner = await find(db, ref);
  if (owner) return owner;
  throw new BackendError(CORE_ERRORS.projectNotFound, { details: `No project "${ref}".` });
}

function registrable(text: string, base: string | undefined): string {
  const domain = typeof text === "string" ? normalizeDomain(text) : undefined;
  if (domain === undefined) throw new BackendError(CORE_ERRORS.domainInvalid, { details: `Not a domain: ${JSON.stringify(text)?.slice(0, 300)}` });
  if (base !== undefined && (domain === base || domain.endsWith(`.${base}`))) {
    throw new BackendError(CORE_ERRORS.domainInvalid, { details: `"${domain}" is at or below the base domain, whose labels are projects' refs.` });
  }
  return domain;
}

const toDomain = ({ domain, created_at }: { readonly domain: string; readonly created_at: Date }): ProjectDomain => ({ domain, createdAt: created_at });
