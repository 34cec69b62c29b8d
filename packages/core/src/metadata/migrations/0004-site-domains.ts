import type { MetadataMigration } from "./metadata-migration.ts";

export const siteDomainsMigration: MetadataMigration = {
  id: 4,
  name: "site-domains",
  sql: `
    alter table plinth.domains
      -- What answers there: all of the project's services, or its site alone.
      add column serves text not null default 'api' check (serves in ('api', 'site'));
  `,
};
