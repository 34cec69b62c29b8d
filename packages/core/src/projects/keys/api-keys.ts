import type { Selectable, Transaction } from "kysely";
import type { AuditFacts } from "../../audit/audited-fields.ts";
import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import { hashApiKey, hintOf, makeApiKey } from "../../keys/api-key-form.ts";
import type { ApiKeysTable, MetadataTables } from "../../metadata/metadata-tables.ts";
import { isUuid } from "../is-uuid.ts";
import { changeKeys, findOwner, type KeyOwner, type KeySurroundings } from "./change-keys.ts";
import { checkApiKeyOptions, checkName, checkTime } from "./check-api-key.ts";
import type { ApiKey, CreateApiKeyOptions, CreatedApiKey } from "./key-store.ts";

type ApiKeyRow = Selectable<ApiKeysTable>;

const toApiKey = (row: ApiKeyRow): ApiKey => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  role: row.role,
  hint: row.hint,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
});

const facts = ({ id, name, kind, role, hint, expires_at, revoked_at }: ApiKeyRow): AuditFacts => ({ id, name, kind, role, hint, expiresAt: expires_at, revokedAt: revoked_at });

/** @see KeyStore.create */
export async function createApiKey(surroundings: KeySurroundings, ref: string, options: CreateApiKeyOptions): Promise<CreatedApiKey> {
  checkApiKeyOptions(options);
  return changeKeys(surroundings, ref, async (transaction, owner) => {
    const key = makeApiKey(options.kind, owner.ref);
    const row = await transaction
      .insertInto("plinth.api_keys")
      .values({ project_uid: owner.uid, name: options.name, kind: options.kind, role: roleOf(options, owner), hash: hashApiKey(key), hint: hintOf(key), created_at: new Date(), expires_at: options.expiresAt ?? null, revoked_at: null })
      .returningAll()
      .executeTakeFirstOrThrow();
    return { result: { ...toApiKey(row), key }, audit: { action: "key.create", after: facts(row) } };
  });
}

function roleOf({ kind, role }: CreateApiKeyOptions, { roles }: KeyOwner): string {
  if (kind === "secret") return role ?? roles.service;
  if (role === roles.service) throw new BackendError(CORE_ERRORS.configInvalid, { message: "role: a publishable key is for everybody, so it can't be the service role's.", hint: "Make a secret key." });
  return role ?? roles.anon;
}

/** @see KeyStore.list */
export async function listApiKeys({ metadata }: KeySurroundings, ref: string): Promise<readonly ApiKey[]> {
  const { owner } = await findOwner(metadata.db, ref);
  const rows = await metadata.db.selectFrom("plinth.api_keys").selectAll().where("project_uid", "=", owner.uid).orderBy("created_at").orderBy("id").execute();
  return rows.map(toApiKey);
}

/** @see KeyStore.rename */
export async function renameApiKey(surroundings: KeySurroundings, ref: string, id: string, name: string): Promise<ApiKey> {
  checkName(name);
  return changeApiKey(surroundings, ref, id, "key.rename", () => ({ name }));
}

/** @see KeyStore.expire */
export async function expireApiKey(surroundings: KeySurroundings, ref: string, id: string, expiresAt: Date | null): Promise<ApiKey> {
  checkTime(expiresAt);
  return changeApiKey(surroundings, ref, id, "key.expire", (row) => {
    if (row.revoked_at !== null) throw new BackendError(CORE_ERRORS.keyState, { message: "The key was revoked: it is no more to be had.", hint: "Make another key." });
    return { expires_at: expiresAt };
  });
}

/** @see KeyStore.revoke */
export function revokeApiKey(surroundings: KeySurroundings, ref: string, id: string): Promise<ApiKey> {
  return changeApiKey(surroundings, ref, id, "key.revoke", (row) => (row.revoked_at === null ? { revoked_at: new Date() } : undefined));
}

type ApiKeyChanges = Partial<Pick<ApiKeyRow, "name" | "expires_at" | "revoked_at">>;

/** @param changes undefined where there is nothing to do */
function changeApiKey(surroundings: KeySurroundings, ref: string, id: string, action: `key.${string}`, changes: (row: ApiKeyRow) => ApiKeyChanges | undefined): Promise<ApiKey> {
  return changeKeys(surroundings, ref, async (transaction, owner) => {
    const before = await requireApiKey(transaction, owner, id);
    const set = changes(before);
    if (set === undefined) return { result: toApiKey(before) };
    const after = await transaction.updateTable("plinth.api_keys").set(set).where("id", "=", before.id).returningAll().executeTakeFirstOrThrow();
    return { result: toApiKey(after), audit: { action, before: facts(before), after: facts(after) } };
  });
}

async function requireApiKey(transaction: Transaction<MetadataTables>, { uid }: KeyOwner, id: string): Promise<ApiKeyRow> {
  const row = isUuid(id) ? await transaction.selectFrom("plinth.api_keys").selectAll().where("project_uid", "=", uid).where("id", "=", id).executeTakeFirst() : undefined;
  if (row) return row;
  throw new BackendError(CORE_ERRORS.keyNotFound);
}
