import { fileURLToPath } from "node:url";
import { pgliteFile } from "../postgres-module.ts";

/** PostgreSQL extensions that embedded databases can CREATE, by name. More can be had from PGlite; these are tested. */
export const EMBEDDED_EXTENSIONS = [
  "vector",
  "pg_trgm",
  "pgcrypto",
  "uuid-ossp",
  "citext",
  "unaccent",
  "btree_gin",
  "btree_gist",
  "file_fdw",
  "fuzzystrmatch",
  "hstore",
  "isn",
  "ltree",
] as const;

export type EmbeddedExtension = (typeof EMBEDDED_EXTENSIONS)[number];

/** Where an extension's files are, as a compressed tar archive. */
export function extensionBundle(name: EmbeddedExtension): string {
  if (name !== "vector") return pgliteFile(`${name}.tar.gz`);
  return fileURLToPath(new URL("vector.tar.gz", import.meta.resolve("@electric-sql/pglite-pgvector")));
}
