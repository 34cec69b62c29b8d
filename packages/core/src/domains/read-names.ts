import { type Kysely, sql } from "kysely";
import type { MetadataTables } from "../metadata/metadata-tables.ts";

/** Names that may lead to a project: registered domains, and refs, present or former. */
export interface Names {
  readonly domains: readonly string[];
  readonly refs: readonly string[];
}

/** Which of the names lead to a project, and to which: name → its present ref. */
export interface NamedProjects {
  readonly domains: ReadonlyMap<string, string>;
  readonly refs: ReadonlyMap<string, string>;
}

/** However many names, one statement. */
export async function readNames(db: Kysely<MetadataTables>, { domains, refs }: Names): Promise<NamedProjects> {
  const { rows } = await sql<{ kind: "domain" | "ref"; name: string; ref: string }>`
    select 'domain' as kind, d.domain as name, p.ref from plinth.domains d join plinth.projects p on p.uid = d.project_uid where d.domain = any(${[...domains]}::text[])
    union all
    select 'ref', p.ref, p.ref from plinth.projects p where p.ref = any(${[...refs]}::text[])
    union all
    select 'ref', a.ref, p.ref from plinth.project_aliases a join plinth.projects p on p.uid = a.project_uid where a.ref = any(${[...refs]}::text[])
  `.execute(db);
  const named = { domains: new Map<string, string>(), refs: new Map<string, string>() };
  for (const { kind, name, ref } of rows) (kind === "domain" ? named.domains : named.refs).set(name, ref);
  return named;
}

/** Of the domains, those that a site has to itself: as `readNames` has them. */
export async function readSites(db: Kysely<MetadataTables>, { domains }: Names): Promise<NamedProjects> {
  const { rows } = await sql<{ domain: string; ref: string }>`
    select d.domain, p.ref from plinth.domains d join plinth.projects p on p.uid = d.project_uid where d.serves = 'site' and d.domain = any(${[...domains]}::text[])
  `.execute(db);
  return { domains: new Map(rows.map(({ domain, ref }) => [domain, ref])), refs: new Map() };
}

/** Whether any domain is registered at all: where none is, hosts needn't be looked up. */
export async function hasDomains(db: Kysely<MetadataTables>): Promise<boolean> {
  const { rows } = await sql<{ some: boolean }>`select exists (select from plinth.domains) as some`.execute(db);
  return rows[0]?.some === true;
}
