import type { ObjectStore } from "@plinth/core";
import { z } from "zod";
import type { FilesystemStoreOptions } from "./filesystem/filesystem-store.ts";
import type { MemoryStoreOptions } from "./memory/memory-store.ts";
import { assertObjectKey } from "./object-key.ts";
import type { S3StoreOptions } from "./s3/s3-options.ts";
import { MIN_PART_SIZE } from "./upload-parts.ts";

/** What each kind of store is told. */
export interface StoreKinds {
  readonly filesystem: FilesystemStoreOptions;
  readonly s3: S3StoreOptions;
  readonly memory: MemoryStoreOptions;
}

/** Where bytes are kept: on disk, in any S3, in memory for tests, or in a store of one's own. */
export type ObjectStoreOptions = { [Kind in keyof StoreKinds]: { readonly kind: Kind } & StoreKinds[Kind] }[keyof StoreKinds] | ObjectStore;

const KINDS = "`kind` is \"filesystem\", \"s3\" or \"memory\"; or give an object with the methods of ObjectStore";

const count = z.int().positive();

const filesystem = z.strictObject({
  kind: z.literal("filesystem"),
  directory: z.string({ error: "the directory that files are kept in" }).min(1, "the directory that files are kept in"),
  fsync: z.union([z.boolean(), z.literal("database")], { error: "true, false, or \"database\"" }).optional(),
});

export const s3StoreSchema = z
  .strictObject({
    kind: z.literal("s3"),
    bucket: z.string({ error: "the bucket's name" }).min(1, "the bucket's name"),
    endpoint: z.url({ protocol: /^https?$/, error: "the server's URL, as https://s3.example.org" }).optional(),
    region: z.string().min(1).optional(),
    accessKeyId: z.string().min(1).optional(),
    secretAccessKey: z.string().min(1).optional(),
    sessionToken: z.string().min(1).optional(),
    forcePathStyle: z.boolean().optional(),
    prefix: z.string().refine(isPrefix, "letters, digits, \"-\" and \"_\", in parts joined by \"/\", without one at either end; 200 characters at most").optional(),
    requestTimeoutMs: count.optional(),
    maxSockets: count.optional(),
    maxAttempts: count.optional(),
    partSize: z.int().min(MIN_PART_SIZE, `${MIN_PART_SIZE} bytes at least, as S3 wants it`).optional(),
  })
  .refine(({ accessKeyId, secretAccessKey }) => (accessKeyId === undefined) === (secretAccessKey === undefined), "accessKeyId and secretAccessKey go together: give both, or neither to have them found as the AWS SDK does")
  .refine(({ endpoint, region }) => endpoint !== undefined || region !== undefined, "the region, or the endpoint of a server that isn't AWS's");

const memory = z.strictObject({ kind: z.literal("memory"), maxBytes: count.optional() });

const METHODS = ["put", "get", "head", "copy", "delete", "list", "beginUpload", "putPart", "listParts", "completeUpload", "abortUpload", "listUploads"] as const satisfies readonly (keyof ObjectStore)[];

export const objectStoreOptionsSchema = z.unknown().transform((given, context): ObjectStoreOptions => {
  if (isObjectStore(given)) return given;
  const result = z.discriminatedUnion("kind", [filesystem, s3StoreSchema, memory], { error: (issue) => (issue.code === "invalid_union" || issue.code === "invalid_type" ? KINDS : undefined) }).safeParse(given);
  if (result.success) return result.data;
  for (const { message, path } of result.error.issues) context.addIssue({ code: "custom", message, path: [...path] });
  return z.NEVER;
});

export function isObjectStore(given: unknown): given is ObjectStore {
  return typeof given === "object" && given !== null && METHODS.every((method) => typeof (given as Partial<ObjectStore>)[method] === "function");
}

function isPrefix(prefix: string): boolean {
  try {
    assertObjectKey(prefix);
    return prefix.length <= 200;
  } catch {
    return false;
  }
}
