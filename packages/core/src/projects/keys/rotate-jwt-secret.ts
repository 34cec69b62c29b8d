import { randomBytes, randomUUID } from "node:crypto";
import type { Transaction } from "kysely";
import type { MetadataTables } from "../../metadata/metadata-tables.ts";
import type { KeyRing } from "../../secrets/key-ring.ts";
import { hmacSecretOf } from "../../keys/jwt-settings.ts";
import { checkSecret } from "../../keys/sign-token.ts";
import { signApiKeys } from "../sign-api-keys.ts";
import { changeKeys, findOwner, type KeyOwner, type KeySurroundings } from "./change-keys.ts";
import type { RotatedJwtSecret, RotateJwtSecretOptions } from "./key-store.ts";
import { verifyUntil } from "./overlap.ts";
import { signingKeyContext } from "./signing-key-context.ts";

/** @see KeyStore.rotateJwtSecret */
export async function rotateJwtSecret(surroundings: KeySurroundings, ref: string, options: RotateJwtSecretOptions): Promise<RotatedJwtSecret> {
  if (options.jwtSecret !== undefined) checkSecret(options.jwtSecret);
  verifyUntil(options);
  const { metadata } = surroundings;
  const { owner } = await findOwner(metadata.db, ref);
  // Whoever brings a project into line with options reads its secret, works for a while, and writes it again.
  return metadata.exclusive(`project.${owner.ref}`, () => rotate(surroundings, ref, options));
}

function rotate(surroundings: KeySurroundings, ref: string, options: RotateJwtSecretOptions): Promise<RotatedJwtSecret> {
  const { keyRing } = surroundings;
  return changeKeys(surroundings, ref, async (transaction, owner) => {
    const context = { ref: owner.ref, purpose: "jwt-secret" };
    const former = keyRing.open(owner.jwt_secret, context);
    const jwtSecret = options.jwtSecret ?? randomBytes(48).toString("base64url");
    checkSecret(hmacSecretOf(owner, jwtSecret));
    if (jwtSecret === former) return { result: { ...signed(owner, jwtSecret), previous: undefined } };
    const until = verifyUntil(options);
    const previous = until === undefined ? undefined : { kid: await keepFormer(transaction, owner, former, until, keyRing), verifyUntil: until };
    await transaction.updateTable("plinth.projects").set({ jwt_secret: keyRing.seal(jwtSecret, context), updated_at: new Date() }).where("uid", "=", owner.uid).execute();
    return { result: { ...signed(owner, jwtSecret), previous }, audit: { action: "key.rotate-jwt-secret", after: { jwtSecretChanged: true, kid: previous?.kid ?? null, verifyUntil: previous?.verifyUntil ?? null } } };
  });
}

const signed = ({ ref, roles, settings, created_at }: KeyOwner, jwtSecret: string): Omit<RotatedJwtSecret, "previous"> => ({ jwtSecret, ...signApiKeys({ ref, roles, settings, createdAt: created_at }, jwtSecret) });

/** @returns the kid that it is revoked by; tokens don't name it */
async function keepFormer(transaction: Transaction<MetadataTables>, { uid }: KeyOwner, secret: string, until: Date | null, keyRing: KeyRing): Promise<string> {
  const kid = randomUUID();
  await transaction
    .insertInto("plinth.signing_keys")
    .values({ kid, project_uid: uid, algorithm: "HS256", status: "previous", secret: keyRing.seal(secret, signingKeyContext(uid, kid)), public_jwk: null, created_at: new Date(), verify_until: until })
    .execute();
  return kid;
}
