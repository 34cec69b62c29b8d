import type { StorageCall } from "../endpoint/storage-call.ts";
import { noSuch, secondsOf } from "./vector-rows.ts";

/** An index, with what statements on its table need. */
export interface VectorIndex {
  readonly dimension: number;
  readonly metric: "cosine" | "euclidean";
  readonly configuration: { readonly nonFilterableMetadataKeys: readonly string[] } | null;
  /** Seconds since 1970. */
  readonly creationTime: number;
  /** As SQL names its table. */
  readonly table: string;
  /** As SQL names the schema that pgvector is in. */
  readonly schema: string;
}

const FIND = `select json_build_object(
    'dimension', i.dimension, 'metric', i.distance_metric, 'configuration', i.metadata_configuration, 'creationTime', ${secondsOf("i.created_at")},
    'table', format('storage_vectors.%I', 'vectors_' || i.id),
    'schema', (select quote_ident(n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'vector'))
  from storage.vector_indexes i where i.bucket_id = $1 and i.name = $2`;

/** @throws StorageError NotFoundException */
export async function findIndex(call: StorageCall, { vectorBucketName, indexName }: { readonly vectorBucketName: string; readonly indexName: string }): Promise<VectorIndex> {
  const [found] = await call.query("service", [{ sql: FIND, parameters: [vectorBucketName, indexName] }], { readOnly: true });
  const text = found!.rows[0]?.[0];
  if (typeof text !== "string") throw noSuch(indexName);
  return JSON.parse(text) as VectorIndex;
}

/** Which metadata are for reading alone. */
export const unfilterable = ({ configuration }: VectorIndex): ReadonlySet<string> => new Set(configuration?.nonFilterableMetadataKeys ?? []);
