import type { Statement } from "@plinth/core";

const trash = (condition: string): string => `insert into assets.trash (name)
  select f.hash || '-' || f.release_id from assets.releases r join assets.files f on f.release_id = r.id join assets.blobs b on b.hash = f.hash
   where r.state = 'staged' and ${condition} and b.stored_by is distinct from r.id on conflict do nothing`;

/** Releases that are dropped are locked first: from then on they get nothing stored. */
const drop = (condition: string, parameters: readonly string[]): readonly Statement[] => [
  { sql: `select id from assets.releases r where r.state = 'staged' and ${condition} for update`, parameters },
  { sql: trash(condition), parameters },
  { sql: `delete from assets.releases r where r.state = 'staged' and ${condition}`, parameters },
];

/** Forgets a release that is being uploaded; what it may have stored, and others don't name, is trash. */
export const dropStaged = (id: string): readonly Statement[] => drop("r.id = $1::bigint", [id]);

/** The same of those that have taken longer than a release may. */
export const dropAbandoned = (): readonly Statement[] => drop("r.created_at < now() - interval '1 hour'", []);
