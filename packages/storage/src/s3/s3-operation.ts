import { StorageError } from "../storage-error.ts";
import type { S3Call } from "./s3-call.ts";
import { S3_ERRORS } from "./s3-errors.ts";
import type { S3Path } from "./s3-path.ts";
import type { S3Query } from "./s3-query.ts";

/** One operation of S3's API: told from others by what of a path is named, the method, parameters and perhaps a header. */
export interface S3Operation {
  /** Upstream's name of it: what policies read as `storage.operation()`. */
  readonly id: string;
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  readonly level: S3Path["level"];
  /** Parameters that ask for it. Default: none. */
  readonly query?: readonly string[];
  /** A header that asks for it. */
  readonly header?: string;
  handle(s3: S3Call): Promise<Response>;
}

/** Parameters that each ask for something else than a bucket or object as such: whoever doesn't know one must not take it for less. */
const SUBRESOURCES: ReadonlySet<string> = new Set([
  "accelerate", "acl", "analytics", "attributes", "cors", "delete", "encryption", "intelligent-tiering", "inventory", "legal-hold", "lifecycle",
  "list-type", "location", "logging", "metadataTable", "metrics", "notification", "object-lock", "ownershipControls", "policy", "policyStatus",
  "publicAccessBlock", "renameObject", "replication", "requestPayment", "restore", "retention", "select", "session", "tagging", "torrent",
  "uploadId", "uploads", "versionId", "versioning", "versions", "website",
]);

/** @throws StorageError NotImplemented, MethodNotAllowed */
export function findOperation(operations: readonly S3Operation[], asked: { readonly method: string; readonly level: S3Path["level"]; readonly query: S3Query; header(name: string): string | undefined }): S3Operation {
  const { method, level, query, header } = asked;
  const subresources = new Set(query.pairs.map(([name]) => name).filter((name) => SUBRESOURCES.has(name)));
  const found = operations.find(
    (operation) =>
      operation.method === method &&
      operation.level === level &&
      (operation.query ?? []).every((name) => query.has(name)) &&
      [...subresources].every((name) => operation.query?.includes(name) === true) &&
      (operation.header === undefined || header(operation.header) !== undefined),
  );
  if (found !== undefined) return found;
  throw new StorageError(subresources.size > 0 ? S3_ERRORS.notImplemented : S3_ERRORS.methodNotAllowed);
}
