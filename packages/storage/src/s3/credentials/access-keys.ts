import type { Claims, RawResult, Statement, Tenant } from "@plinth/core";
import { databaseError } from "../../database/database-error.ts";
import { STORAGE_ERRORS } from "../../errors.ts";
import { StorageError } from "../../storage-error.ts";
import { newAccessKeyId, newSecret } from "./access-key-id.ts";

export interface NewS3AccessKey {
  /** For those who look at the list of them. Default: "". */
  readonly description?: string | undefined;
  /** Seconds; default: for ever. */
  readonly expiresIn?: number | undefined;
  /** As whom its requests are made: `role`, and mostly `sub`, as policies read them. Default: the service role, past all policies. */
  readonly claims?: (Claims & { readonly role: string }) | undefined;
}

/** An access key, as lists show it. Times are ISO 8601. */
export interface S3AccessKey {
  readonly access_key: string;
  readonly description: string;
  readonly claims: Claims | null;
  readonly created_at: string;
  readonly expires_at: string | null;
}

/** Shown once: nobody can read the secret again. */
export type CreatedS3AccessKey = S3AccessKey & { readonly secret_key: string };

/** What a signature is verified with. */
export interface FoundAccessKey {
  readonly secret: string;
  readonly claims: Claims | null;
  readonly isExpired: boolean;
}

type Keeper = Pick<Tenant, "ref" | "project" | "secrets" | "execute">;

const PURPOSE = "storage.s3-access-key";
const SHOWN = `json_build_object('access_key', access_key_id, 'description', description, 'claims', claims, 'created_at', created_at, 'expires_at', expires_at)`;

/** Makes an access key of the project for the S3 protocol. @throws StorageError FeatureNotEnabled where the database is not Plinth's own */
export async function createS3AccessKey(tenant: Keeper, { description = "", expiresIn, claims }: NewS3AccessKey = {}): Promise<CreatedS3AccessKey> {
  const [id, secret] = [newAccessKeyId(tenant.ref), newSecret()];
  const sql = `insert into storage.s3_access_keys (access_key_id, secret, description, claims, expires_at) values ($1, $2, $3, $4, now() + $5::float8 * interval '1 second') returning ${SHOWN}`;
  const { rows } = await run(tenant, { sql, parameters: [id, await tenant.secrets.seal(secret, PURPOSE), description, claims === undefined ? null : JSON.stringify(claims), expiresIn === undefined ? null : String(expiresIn)] });
  return { ...(JSON.parse(rows[0]![0]!) as S3AccessKey), secret_key: secret };
}

/** Those that were not revoked, in the order in which they were made. */
export async function listS3AccessKeys(tenant: Keeper): Promise<S3AccessKey[]> {
  const { rows } = await run(tenant, { sql: `select ${SHOWN} from storage.s3_access_keys order by created_at, access_key_id`, parameters: [] });
  return rows.map(([text]) => JSON.parse(text!) as S3AccessKey);
}

/** From now on it opens nothing, in no process. @returns whether there was one */
export async function revokeS3AccessKey(tenant: Keeper, accessKey: string): Promise<boolean> {
  const { command } = await run(tenant, { sql: "delete from storage.s3_access_keys where access_key_id = $1", parameters: [accessKey] });
  return command !== "DELETE 0";
}

/** Read for each request, so that a key is of no use as soon as it is revoked. */
export async function findS3AccessKey(tenant: Keeper, accessKey: string): Promise<FoundAccessKey | undefined> {
  const { rows } = await run(tenant, { sql: "select secret, claims, coalesce(expires_at <= now(), false) from storage.s3_access_keys where access_key_id = $1", parameters: [accessKey] });
  const [row] = rows;
  if (row === undefined) return undefined;
  const [secret, claims, isExpired] = row;
  return { secret: await tenant.secrets.open(secret!, PURPOSE), claims: claims === null || claims === undefined ? null : (JSON.parse(claims) as Claims), isExpired: isExpired === "t" };
}

async function run(tenant: Keeper, statement: Statement): Promise<RawResult> {
  const { adopted, roles: { service } } = tenant.project;
  if (adopted) throw new StorageError(STORAGE_ERRORS.featureNotEnabled, { message: "There are no S3 access keys in a database that Plinth has not set up. Use session tokens." });
  try {
    return (await tenant.execute({ role: service, claims: { role: service } }, [statement]))[0]!;
  } catch (error) {
    throw databaseError(error) ?? error;
  }
}
