import { projectsMigration } from "./0001-projects.ts";
import { tenancyMigration } from "./0002-tenancy.ts";
import { dataKeysMigration } from "./0003-data-keys.ts";
import { siteDomainsMigration } from "./0004-site-domains.ts";
import type { MetadataMigration } from "./metadata-migration.ts";

/** Every change of the metadata schema, in order. */
export const METADATA_MIGRATIONS: readonly MetadataMigration[] = [projectsMigration, tenancyMigration, dataKeysMigration, siteDomainsMigration];
