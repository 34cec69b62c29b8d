import { z } from "zod";
import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";
import { defineVectorEndpoint, isRaised } from "./define-vector-endpoint.ts";
import { findIndex } from "./vector-index.ts";
import { ofIndex, page, vectorBucketName } from "./vector-fields.ts";
import { cut, likePrefix, noSuch, secondsOf } from "./vector-rows.ts";

const metadataConfiguration = z.object({ nonFilterableMetadataKeys: z.array(z.string().min(1).max(63)).min(1).max(10).refine((keys) => new Set(keys).size === keys.length, "must not have the same key twice") });

export const createVectorIndex = defineVectorEndpoint({
  id: "index.create",
  action: "CreateIndex",
  body: z.object({
    ...ofIndex,
    dataType: z.literal("float32"),
    dimension: z.number().int().min(1).max(4_096),
    distanceMetric: z.enum(["cosine", "euclidean"]),
    metadataConfiguration: metadataConfiguration.optional(),
  }),
  handle: async (call, { vectorBucketName: bucket, indexName: name, dimension, distanceMetric, metadataConfiguration: configuration }) => {
    const { maxIndexes } = call.storage.config.vectorBuckets;
    const parameters = [bucket, name, String(dimension), distanceMetric, configuration === undefined ? null : JSON.stringify(configuration), String(maxIndexes)];
    try {
      await call.query("service", [{ sql: "select storage.create_vector_index($1, $2, $3::integer, $4, $5::jsonb, $6::integer)", parameters }]);
    } catch (error) {
      if (isRaised(error, "23505")) throw new StorageError(STORAGE_ERRORS.vectorConflict, { message: `vector index "${name}" already exists`, cause: error });
      if (isRaised(error, "23503")) throw noSuch(bucket);
      if (isRaised(error, "54000")) throw new StorageError(STORAGE_ERRORS.maxVectorIndexes, { message: `Maximum number of indexes exceeded. Max allowed is ${maxIndexes}.`, cause: error });
      throw error;
    }
    return {};
  },
});

export const getVectorIndex = defineVectorEndpoint({
  id: "index.get",
  action: "GetIndex",
  body: z.object(ofIndex),
  handle: async (call, given) => {
    const { dimension, metric, configuration, creationTime } = await findIndex(call, given);
    const shown = configuration === null ? {} : { metadataConfiguration: configuration };
    return { index: { indexName: given.indexName, dataType: "float32", dimension, distanceMetric: metric, ...shown, vectorBucketName: given.vectorBucketName, creationTime } };
  },
});

export const listVectorIndexes = defineVectorEndpoint({
  id: "index.list",
  action: "ListIndexes",
  body: z.object({ vectorBucketName, ...page }),
  handle: async (call, { vectorBucketName: bucket, prefix, maxResults, nextToken }) => {
    const sql = `select name, ${secondsOf("created_at")} from storage.vector_indexes where bucket_id = $1 and name > $2 and name like $3 order by name limit $4::bigint`;
    const [found] = await call.query("service", [{ sql, parameters: [bucket, nextToken ?? "", likePrefix(prefix), String(maxResults + 1)] }], { readOnly: true });
    const { rows, last } = cut(found!.rows, maxResults);
    return { indexes: rows.map(([name, created]) => ({ indexName: name, vectorBucketName: bucket, creationTime: Number(created) })), ...last };
  },
});

export const deleteVectorIndex = defineVectorEndpoint({
  id: "index.delete",
  action: "DeleteIndex",
  body: z.object(ofIndex),
  handle: async (call, { vectorBucketName: bucket, indexName: name }) => {
    const [deleted] = await call.query("service", [{ sql: "select storage.delete_vector_index($1, $2)", parameters: [bucket, name] }]);
    if (deleted!.rows[0]?.[0] !== "t") throw noSuch(name);
    return {};
  },
});
