import type { Kysely } from "kysely";
import { jsonArrayFrom } from "kysely/helpers/postgres";
import { hmacSecretOf } from "../../keys/jwt-settings.ts";
import { type CurrentSigningKey, createTokenSigner } from "../../keys/token-signer.ts";
import type { SigningAlgorithm } from "../../keys/verification-keys.ts";
import type { MetadataTables } from "../../metadata/metadata-tables.ts";
import type { KeyRing } from "../../secrets/key-ring.ts";
import { openSecrets, type ProjectRow } from "../project-rows.ts";
import type { KeyMaterial } from "./key-material.ts";
import { signingKeyContext } from "./signing-key-context.ts";

interface SigningKeyPart {
  readonly kid: string;
  readonly algorithm: "HS256" | SigningAlgorithm;
  readonly status: string;
  readonly secret: string;
  readonly public_jwk: Readonly<Record<string, unknown>> | null;
  readonly verify_until: string | Date | null;
}

/**
 * In one query, since the first request of a project waits for it.
 * @throws BackendError PLINTH_MASTER_KEY_INVALID
 */
export async function readKeyMaterial(db: Kysely<MetadataTables>, row: ProjectRow, keyRing: KeyRing): Promise<KeyMaterial> {
  const { uid } = row;
  const { apiKeys, signingKeys } = await db
    .selectNoFrom((e) => [
      jsonArrayFrom(e.selectFrom("plinth.api_keys").select(["hash", "kind", "role", "expires_at"]).where("project_uid", "=", uid).where("revoked_at", "is", null)).as("apiKeys"),
      jsonArrayFrom(
        e.selectFrom("plinth.signing_keys").select(["kid", "algorithm", "status", "secret", "public_jwk", "verify_until"]).where("project_uid", "=", uid).where("status", "<>", "revoked").orderBy("created_at", "desc").orderBy("kid"),
      ).as("signingKeys"),
    ])
    .executeTakeFirstOrThrow();
  return {
    apiKeys: apiKeys.map(({ hash, kind, role, expires_at }) => ({ hash, kind, role, expiresAt: milliseconds(expires_at) })),
    previousSecrets: signingKeys.filter(isSecret).map((key) => ({ secret: hmacSecretOf(row, openSigningKey(key, uid, keyRing)), until: milliseconds(key.verify_until) })),
    signingKeys: signingKeys.filter(isPublished).map(({ kid, algorithm, public_jwk, verify_until }) => ({ kid, algorithm: algorithm as SigningAlgorithm, jwk: public_jwk!, until: milliseconds(verify_until) })),
    sign: createTokenSigner(currentOf(signingKeys, row, keyRing)),
  };
}

const isSecret = ({ algorithm }: SigningKeyPart): boolean => algorithm === "HS256";
const isPublished = ({ public_jwk }: SigningKeyPart): boolean => public_jwk !== null;

function currentOf(keys: readonly SigningKeyPart[], row: ProjectRow, keyRing: KeyRing): CurrentSigningKey {
  const current = keys.find(({ status }) => status === "current");
  if (current === undefined || current.algorithm === "HS256") return { algorithm: "HS256", secret: hmacSecretOf(row, openSecrets(row, keyRing).jwtSecret) };
  return { algorithm: current.algorithm, kid: current.kid, jwk: JSON.parse(openSigningKey(current, row.uid, keyRing)) as Readonly<Record<string, unknown>> };
}

const openSigningKey = ({ kid, secret }: Pick<SigningKeyPart, "kid" | "secret">, uid: string, keyRing: KeyRing): string => keyRing.open(secret, signingKeyContext(uid, kid));

/** Dates in JSON come out as text. */
const milliseconds = (value: string | Date | null): number | null => (value === null ? null : new Date(value).getTime());
