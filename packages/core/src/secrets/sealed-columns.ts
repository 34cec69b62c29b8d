import { dataKeyContext } from "../projects/keys/data-key.ts";
import { signingKeyContext } from "../projects/keys/signing-key-context.ts";
import type { SecretContext } from "./key-ring.ts";

/** A column of the metadata whose texts are sealed with a master key. */
export interface SealedColumn {
  /** With its schema. */
  readonly table: string;
  readonly column: string;
  /** Columns that say what a secret is bound to. */
  readonly boundTo: readonly string[];
  /** @param row `boundTo` as text */
  context(row: Readonly<Record<string, string>>): SecretContext;
}

/**
 * Every such column. A service that keeps secrets in the metadata adds its own here, and ties the column to
 * `plinth.master_keys` as the migrations do (`generated always as (split_part(…, '.', 2)) stored references …`):
 * so no key is retired that a secret still needs, even if a column were missing here.
 */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: "plinth.projects", column: "credentials", boundTo: ["ref"], context: ({ ref = "" }) => ({ ref, purpose: "credentials" }) },
  { table: "plinth.projects", column: "jwt_secret", boundTo: ["ref"], context: ({ ref = "" }) => ({ ref, purpose: "jwt-secret" }) },
  { table: "plinth.projects", column: "data_key", boundTo: ["uid"], context: ({ uid = "" }) => dataKeyContext(uid) },
  { table: "plinth.signing_keys", column: "secret", boundTo: ["project_uid", "kid"], context: ({ project_uid = "", kid = "" }) => signingKeyContext(project_uid, kid) },
];
