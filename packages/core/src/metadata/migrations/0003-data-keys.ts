import type { MetadataMigration } from "./metadata-migration.ts";

export const dataKeysMigration: MetadataMigration = {
  id: 3,
  name: "data-keys",
  sql: `
    alter table plinth.projects
      -- What services seal secrets with that they keep in the project's own database. Null until one needs it.
      add column data_key text,
      add column data_key_key text generated always as (split_part(data_key, '.', 2)) stored references plinth.master_keys;
  `,
};
