import { BackendError, type Caller, type Claims, type RequestContext } from "@plinth/core";
import { StorageError } from "../../storage-error.ts";
import { S3_ERRORS } from "../s3-errors.ts";
import type { S3Query } from "../s3-query.ts";
import { type ClientSignature, readSignature } from "../signature/client-signature.ts";
import type { SigningKey } from "../signature/signing-key.ts";
import { checkClaims, verifySignature } from "../signature/verify-signature.ts";
import { findS3AccessKey } from "./access-keys.ts";

/** Whom a signed request is from. */
export interface S3Caller {
  readonly caller: Caller;
  readonly signature: ClientSignature;
  /** What its chunks are signed with. */
  readonly key: SigningKey;
}

/**
 * By an access key of the project, or as Supabase has it by a session token: a user's JWT, the request signed with the
 * project's ref as the access key id and its anon key as the secret.
 * @throws StorageError with S3's codes
 */
export async function authenticateS3(context: RequestContext, query: S3Query): Promise<S3Caller> {
  const signature = readSignature(context.request.headers, query);
  checkClaims(signature, context.request.headers);
  return signature.sessionToken === undefined ? byAccessKey(context, query, signature) : bySessionToken(context, query, signature, signature.sessionToken);
}

async function byAccessKey({ request, tenant }: RequestContext, query: S3Query, signature: ClientSignature): Promise<S3Caller> {
  const found = await findS3AccessKey(tenant, signature.accessKeyId);
  if (found === undefined) throw new StorageError(S3_ERRORS.invalidAccessKeyId);
  const key = verifySignature(request, query, signature, found.secret);
  if (found.isExpired) throw new StorageError(S3_ERRORS.accessKeyExpired);
  const { service } = tenant.project.roles;
  return { caller: callerOf(found.claims ?? { role: service }), signature, key };
}

async function bySessionToken({ request, tenant, verify }: RequestContext, query: S3Query, signature: ClientSignature, token: string): Promise<S3Caller> {
  const { anonKey } = tenant.secrets;
  if (signature.accessKeyId !== tenant.ref || anonKey === undefined) throw new StorageError(S3_ERRORS.invalidAccessKeyId);
  const key = verifySignature(request, query, signature, anonKey);
  try {
    return { caller: await verify(token), signature, key };
  } catch (cause) {
    if (!(cause instanceof BackendError) || cause.status >= 500) throw cause;
    throw new StorageError(/expired/i.test(cause.message) ? S3_ERRORS.expiredToken : S3_ERRORS.invalidToken, { cause });
  }
}

function callerOf(claims: Claims): Caller {
  return { role: String(claims["role"]), claims, claimsJson: JSON.stringify(claims), authenticated: true };
}
