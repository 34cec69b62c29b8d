import type { Selectable, Transaction, Updateable } from "kysely";
import type { AuditFacts } from "../../audit/audited-fields.ts";
import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import type { MetadataTables, SigningKeysTable } from "../../metadata/metadata-tables.ts";
import { changeKeys, findOwner, type KeyOwner, type KeySurroundings } from "./change-keys.ts";
import type { CreateSigningKeyOptions, RotateSigningKeyOptions, SigningKey, SigningKeyStatus } from "./key-store.ts";
import { makeSigningKey } from "./make-signing-key.ts";
import { verifyUntil } from "./overlap.ts";
import { signingKeyContext } from "./signing-key-context.ts";

type SigningKeyRow = Selectable<SigningKeysTable>;
type Metadata = Transaction<MetadataTables>;

const toSigningKey = (row: SigningKeyRow): SigningKey => ({ kid: row.kid, algorithm: row.algorithm, status: row.status, publicJwk: row.public_jwk, createdAt: row.created_at, verifyUntil: row.verify_until });
const facts = ({ kid, algorithm, status, verify_until }: SigningKeyRow): AuditFacts => ({ kid, algorithm, status, verifyUntil: verify_until });

/** @see KeyStore.createSigningKey */
export async function createSigningKey(surroundings: KeySurroundings, ref: string, options: CreateSigningKeyOptions): Promise<SigningKey> {
  const { kid, algorithm, privateJwk, publicJwk } = await makeSigningKey(options);
  return changeKeys(surroundings, ref, async (transaction, { uid }) => {
    const secret = surroundings.keyRing.seal(JSON.stringify(privateJwk), signingKeyContext(uid, kid));
    const row = await transaction
      .insertInto("plinth.signing_keys")
      .values({ kid, project_uid: uid, algorithm, status: "standby", secret, public_jwk: JSON.stringify(publicJwk), created_at: new Date(), verify_until: null })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) throw new BackendError(CORE_ERRORS.configInvalid, { message: "privateJwk: there is a signing key of this kid already.", hint: "Give it another kid, or leave the kid out to have one made." });
    return { result: toSigningKey(row), audit: { action: "key.create-signing-key", after: facts(row) } };
  });
}

/** @see KeyStore.listSigningKeys */
export async function listSigningKeys({ metadata }: KeySurroundings, ref: string): Promise<readonly SigningKey[]> {
  const { owner } = await findOwner(metadata.db, ref);
  const rows = await keysOf(metadata.db as Metadata, owner).orderBy("created_at", "desc").orderBy("kid").execute();
  return rows.map(toSigningKey);
}

/** @see KeyStore.rotateSigningKey */
export async function rotateSigningKey(surroundings: KeySurroundings, ref: string, options: RotateSigningKeyOptions): Promise<SigningKey> {
  const until = verifyUntil(options);
  return changeKeys(surroundings, ref, async (transaction, owner) => {
    const next = await nextKey(transaction, owner, options.kid);
    if (next.status === "current") return { result: toSigningKey(next) };
    const former = await keysOf(transaction, owner).where("status", "=", "current").executeTakeFirst();
    if (former) await update(transaction, former, until === undefined ? { status: "revoked" } : { status: "previous", verify_until: until });
    const current = await update(transaction, next, { status: "current", verify_until: null });
    return { result: toSigningKey(current), audit: { action: "key.rotate-signing-key", before: former ? facts(former) : null, after: { ...facts(current), verifyUntil: until ?? null } } };
  });
}

async function nextKey(transaction: Metadata, owner: KeyOwner, kid: string | undefined): Promise<SigningKeyRow> {
  if (kid !== undefined) {
    const row = await requireKey(transaction, owner, kid);
    // Called again after a crash, it finds done what it was to do.
    if (row.status === "standby" || row.status === "current") return row;
    throw wrongState(row, "Only a standby key can become the current one: put it on standby first.");
  }
  const row = await keysOf(transaction, owner).where("status", "=", "standby").orderBy("created_at").orderBy("kid").executeTakeFirst();
  if (row) return row;
  throw new BackendError(CORE_ERRORS.keyState, { message: "There is no standby key to sign with.", hint: "Make one with createSigningKey(), and rotate once those who verify tokens have read the key set." });
}

/** @see KeyStore.revokeSigningKey */
export function revokeSigningKey(surroundings: KeySurroundings, ref: string, kid: string): Promise<SigningKey> {
  return move(surroundings, ref, kid, "key.revoke-signing-key", "revoked", (row) => {
    if (row.status === "current") throw wrongState(row, "It signs tokens: rotate to another key first, with overlapMs 0 to revoke it at once.");
  });
}

/** @see KeyStore.restoreSigningKey */
export function restoreSigningKey(surroundings: KeySurroundings, ref: string, kid: string): Promise<SigningKey> {
  return move(surroundings, ref, kid, "key.restore-signing-key", "standby", (row) => {
    if (row.algorithm === "HS256") throw wrongState(row, "A former JWT secret signs no more: give it to rotateJwtSecret().");
    if (row.status === "current") throw wrongState(row, "It signs tokens.");
  });
}

/** @see KeyStore.deleteSigningKey */
export function deleteSigningKey(surroundings: KeySurroundings, ref: string, kid: string): Promise<void> {
  return changeKeys(surroundings, ref, async (transaction, owner) => {
    const row = await requireKey(transaction, owner, kid);
    if (row.status !== "revoked") throw wrongState(row, "Revoke it first.");
    await transaction.deleteFrom("plinth.signing_keys").where("project_uid", "=", row.project_uid).where("kid", "=", row.kid).execute();
    return { result: undefined, audit: { action: "key.delete-signing-key", before: facts(row), after: null } };
  });
}

/** @param check throws where the key can't be moved */
function move(surroundings: KeySurroundings, ref: string, kid: string, action: `key.${string}`, status: SigningKeyStatus, check: (row: SigningKeyRow) => void): Promise<SigningKey> {
  return changeKeys(surroundings, ref, async (transaction, owner) => {
    const before = await requireKey(transaction, owner, kid);
    check(before);
    if (before.status === status) return { result: toSigningKey(before) };
    const after = await update(transaction, before, { status, verify_until: null });
    return { result: toSigningKey(after), audit: { action, before: facts(before), after: facts(after) } };
  });
}

const keysOf = (transaction: Metadata, { uid }: KeyOwner) => transaction.selectFrom("plinth.signing_keys").selectAll().where("project_uid", "=", uid);

async function requireKey(transaction: Metadata, owner: KeyOwner, kid: string): Promise<SigningKeyRow> {
  const row = await keysOf(transaction, owner).where("kid", "=", kid).executeTakeFirst();
  if (row) return row;
  throw new BackendError(CORE_ERRORS.keyNotFound);
}

const update = (transaction: Metadata, { kid, project_uid }: SigningKeyRow, changes: Updateable<SigningKeysTable>): Promise<SigningKeyRow> =>
  transaction.updateTable("plinth.signing_keys").set(changes).where("project_uid", "=", project_uid).where("kid", "=", kid).returningAll().executeTakeFirstOrThrow();

const wrongState = ({ kid, status }: SigningKeyRow, hint: string): BackendError => new BackendError(CORE_ERRORS.keyState, { message: `The signing key ${kid} is ${status}.`, hint });
