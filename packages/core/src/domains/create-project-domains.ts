import type { Kysely } from "kysely";
import { recordAudit } from "../audit/record-audit.ts";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import { announceChange } from "../metadata/announce-change.ts";
import type { MetadataTables } from "../metadata/metadata-tables.ts";
import { findRowOrAlias } from "../projects/find-row.ts";
import type { ProjectSurroundings } from "../projects/project-surroundings.ts";
import { normalizeDomain } from "./domain-name.ts";
import type { DomainServes, ProjectDomain, ProjectDomains } from "./project-domains.ts";

export interface ProjectDomainsOptions {
  readonly surroundings: Pick<ProjectSurroundings, "metadata" | "actor" | "origin" | "letGo">;
  /** The project's, or one that it had before. */
  readonly ref: string;
  /** Domain whose labels are refs: nothing at or below it can be registered. */
  readonly base?: string | undefined;
  /** Says in words for the caller what fails for want of the metadata. */
  readonly inWords: <T>(work: Promise<T>) => Promise<T>;
}

type Transaction = Kysely<MetadataTables>;
type Owner = { readonly uid: string; readonly ref: string };

export function createProjectDomains(options: ProjectDomainsOptions): ProjectDomains {
  const { surroundings, base, inWords } = options;
  const { actor } = surroundings;
  return {
    add: async (text, { serves } = {}) => {
      const domain = registrable(text, base);
      if (serves !== undefined && serves !== "api" && serves !== "site") throw new BackendError(CORE_ERRORS.domainInvalid, { details: `A domain serves "api" or "site", not ${JSON.stringify(serves)}.` });
      return inWords(changing(options, (transaction, owner) => addDomain(transaction, owner, { domain, serves, actor })));
    },
    list: () => inWords(listDomains(options)),
    remove: async (text) => {
      const domain = normalizeDomain(text) ?? "";
      await inWords(changing(options, (transaction, owner) => removeDomain(transaction, owner, domain, actor)));
    },
  };
}

async function listDomains({ surroundings, ref }: ProjectDomainsOptions): Promise<readonly ProjectDomain[]> {
  const { db } = surroundings.metadata;
  const { uid } = await requireOwner(db, ref);
  const rows = await db.selectFrom("plinth.domains").selectAll().where("project_uid", "=", uid).orderBy("domain").execute();
  return rows.map(toDomain);
}

interface Change<T> {
  readonly changed: boolean;
  readonly result: T;
}

async function changing<T>({ surroundings, ref }: ProjectDomainsOptions, work: (transaction: Transaction, owner: Owner) => Promise<Change<T>>): Promise<T> {
  const { metadata, origin, letGo } = surroundings;
  const done = await metadata.db.transaction().execute(async (transaction) => {
    const owner = await requireOwner(transaction, ref);
    const change = await work(transaction, owner);
    if (change.changed) await announceChange(transaction, owner.ref, origin);
    return { owner, ...change };
  });
  if (done.changed) await letGo(done.owner.ref);
  return done.result;
}

interface Addition {
  readonly domain: string;
  /** Undefined: as it is, else "api". */
  readonly serves: DomainServes | undefined;
  readonly actor: string;
}

async function addDomain(transaction: Transaction, { uid, ref }: Owner, { domain, serves, actor }: Addition): Promise<Change<ProjectDomain>> {
  const made = await transaction.insertInto("plinth.domains").values({ domain, project_uid: uid, serves: serves ?? "api" }).onConflict((conflict) => conflict.doNothing()).returningAll().executeTakeFirst();
  if (made === undefined) {
    const there = await transaction.selectFrom("plinth.domains").selectAll().where("domain", "=", domain).executeTakeFirst();
    // Whose it is, is not for this caller to know.
    if (there?.project_uid !== uid) throw new BackendError(CORE_ERRORS.domainTaken, { details: `The domain "${domain}" leads to another project.` });
    if (serves === undefined || there.serves === serves) return { changed: false, result: toDomain(there) };
    await transaction.updateTable("plinth.domains").set({ serves }).where("domain", "=", domain).execute();
    await recordAudit(transaction, { actor, action: "domain.change", ref, projectUid: uid, before: { domain, serves: there.serves }, after: { domain, serves } });
    return { changed: true, result: toDomain({ ...there, serves }) };
  }
  await recordAudit(transaction, { actor, action: "domain.add", ref, projectUid: uid, after: { domain, ...(serves === "site" ? { serves } : {}) } });
  return { changed: true, result: toDomain(made) };
}

async function removeDomain(transaction: Transaction, { uid, ref }: Owner, domain: string, actor: string): Promise<Change<void>> {
  const { numDeletedRows } = await transaction.deleteFrom("plinth.domains").where("domain", "=", domain).where("project_uid", "=", uid).executeTakeFirst();
  if (numDeletedRows === 0n) return { changed: false, result: undefined };
  await recordAudit(transaction, { actor, action: "domain.remove", ref, projectUid: uid, before: { domain } });
  return { changed: true, result: undefined };
}

async function requireOwner(db: Transaction, ref: string): Promise<Owner> {
  const found = await findRowOrAlias(db, ref);
  if (found) return found.row;
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

const toDomain = ({ domain, created_at, serves }: { readonly domain: string; readonly created_at: Date; readonly serves: DomainServes }): ProjectDomain => ({ domain, createdAt: created_at, serves });
