import { z } from "zod";
import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";
import { defineVectorEndpoint, isRaised } from "./define-vector-endpoint.ts";
import { cut, likePrefix, noSuch, secondsOf } from "./vector-rows.ts";
import { page, vectorBucketName } from "./vector-fields.ts";

const named = z.object({ vectorBucketName });

export const createVectorBucket = defineVectorEndpoint({
  id: "bucket.create",
  action: "CreateVectorBucket",
  body: named,
  handle: async (call, { vectorBucketName: name }) => {
    const { maxBuckets } = call.storage.config.vectorBuckets;
    // One that is there is told of, however many there are.
    const sql = "insert into storage.buckets_vectors (id) select $1 where (select count(*) from storage.buckets_vectors where id <> $1) < $2::bigint returning id";
    try {
      const [made] = await call.query("service", [{ sql, parameters: [name, String(maxBuckets)] }]);
      if (made!.rows.length === 0) throw new StorageError(STORAGE_ERRORS.maxVectorBuckets, { message: `Maximum number of buckets exceeded. Max allowed is ${maxBuckets}.` });
    } catch (error) {
      throw isRaised(error, "23505") ? new StorageError(STORAGE_ERRORS.vectorConflict, { message: `vector bucket "${name}" already exists`, cause: error }) : error;
    }
    return {};
  },
});

export const getVectorBucket = defineVectorEndpoint({
  id: "bucket.get",
  action: "GetVectorBucket",
  body: named,
  handle: async (call, { vectorBucketName: name }) => {
    const [found] = await call.query("service", [{ sql: `select ${secondsOf("created_at")} from storage.buckets_vectors where id = $1`, parameters: [name] }], { readOnly: true });
    const [row] = found!.rows;
    if (row === undefined) throw noSuch(name);
    return { vectorBucket: { vectorBucketName: name, creationTime: Number(row[0]) } };
  },
});

export const listVectorBuckets = defineVectorEndpoint({
  id: "bucket.list",
  action: "ListVectorBuckets",
  body: z.object(page),
  handle: async (call, { prefix, maxResults, nextToken }) => {
    const sql = `select id, ${secondsOf("created_at")} from storage.buckets_vectors
      where id collate "C" > $1 and id like $2 order by id collate "C" limit $3::bigint`;
    const [found] = await call.query("service", [{ sql, parameters: [nextToken ?? "", likePrefix(prefix), String(maxResults + 1)] }], { readOnly: true });
    const { rows, last } = cut(found!.rows, maxResults);
    return { vectorBuckets: rows.map(([name, created]) => ({ vectorBucketName: name, creationTime: Number(created) })), ...last };
  },
});

export const deleteVectorBucket = defineVectorEndpoint({
  id: "bucket.delete",
  action: "DeleteVectorBucket",
  body: named,
  handle: async (call, { vectorBucketName: name }) => {
    try {
      await call.query("service", [{ sql: "delete from storage.buckets_vectors where id = $1", parameters: [name] }]);
    } catch (error) {
      throw isRaised(error, "23503") ? new StorageError(STORAGE_ERRORS.vectorBucketNotEmpty, { message: `Vector Bucket "${name}" not empty`, cause: error }) : error;
    }
    return {};
  },
});
