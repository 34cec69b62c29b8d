import type { RawResult } from "@plinth/core";
import { z } from "zod";
import { defineVectorEndpoint } from "./define-vector-endpoint.ts";
import { filterCondition } from "./metadata-filter.ts";
import { checkData } from "./put-vectors.ts";
import { findIndex, unfilterable, type VectorIndex } from "./vector-index.ts";
import { ofIndex, vectorData, vectorKey } from "./vector-fields.ts";
import { cut, invalid } from "./vector-rows.ts";

const returned = { returnData: z.boolean().default(false), returnMetadata: z.boolean().default(false) };

interface Wanted {
  readonly returnData?: boolean;
  readonly returnMetadata?: boolean;
  /** As SQL. */
  readonly distance?: string | undefined;
}

const columns = ({ returnData = false, returnMetadata = false, distance }: Wanted): string =>
  ["key", returnData ? "data::text" : "null", returnMetadata ? "metadata::text" : "null", distance ?? "null"].join(", ");

/** pgvector writes a vector as JSON does a list. */
const toVectors = (rows: RawResult["rows"]) =>
  rows.map(([key, data, metadata, distance]) => ({
    key: key!,
    ...(typeof data === "string" ? { data: { float32: JSON.parse(data) as number[] } } : {}),
    ...(typeof metadata === "string" ? { metadata: JSON.parse(metadata) as object } : {}),
    ...(typeof distance === "string" ? { distance: Number(distance) } : {}),
  }));

export const getVectors = defineVectorEndpoint({
  id: "vectors.get",
  action: "GetVectors",
  body: z.object({ ...ofIndex, ...returned, keys: z.array(vectorKey).min(1).max(100) }),
  handle: async (call, { keys, ...given }) => {
    const { table } = await findIndex(call, given);
    const [found] = await call.query("service", [{ sql: `select ${columns(given)} from ${table} where key = any (select json_array_elements_text($1::json))`, parameters: [JSON.stringify(keys)] }], { readOnly: true });
    return { vectors: toVectors(found!.rows) };
  },
});

export const listVectors = defineVectorEndpoint({
  id: "vectors.list",
  action: "ListVectors",
  body: z.object({
    ...ofIndex,
    ...returned,
    maxResults: z.number().int().min(1).max(1_000).default(500),
    nextToken: z.string().optional(),
    segmentCount: z.number().int().min(1).max(16).optional(),
    segmentIndex: z.number().int().min(0).max(15).optional(),
  }),
  handle: async (call, { maxResults, nextToken = "", segmentCount, segmentIndex, ...given }) => {
    if ((segmentCount === undefined) !== (segmentIndex === undefined)) throw invalid("segmentCount and segmentIndex must be provided together");
    if ((segmentIndex ?? 0) >= (segmentCount ?? 1)) throw invalid("segmentIndex must be less than segmentCount");
    const { table } = await findIndex(call, given);
    const sql = `select ${columns(given)} from ${table} where key > $1 and mod(abs(hashtext(key)::bigint), $2::bigint) = $3::bigint order by key limit $4::bigint`;
    const [found] = await call.query("service", [{ sql, parameters: [nextToken, String(segmentCount ?? 1), String(segmentIndex ?? 0), String(maxResults + 1)] }], { readOnly: true });
    const { rows, last } = cut(found!.rows, maxResults);
    return { vectors: toVectors(rows as RawResult["rows"]), ...last };
  },
});

/** pgvector's operators. */
const DISTANCES = { cosine: "<=>", euclidean: "<->" } as const;

export const queryVectors = defineVectorEndpoint({
  id: "vectors.query",
  action: "QueryVectors",
  body: z.object({
    ...ofIndex,
    queryVector: vectorData,
    topK: z.number().int().min(1).max(100),
    filter: z.unknown().optional(),
    returnDistance: z.boolean().default(false),
    returnMetadata: z.boolean().default(false),
  }),
  handle: async (call, { queryVector, topK, filter, returnDistance, returnMetadata, ...given }) => {
    const index = await findIndex(call, given);
    checkData(queryVector.float32, index, (message) => invalid(`Invalid query vector: ${message}`));
    const [found] = await call.query("service", [nearest(index, { vector: queryVector.float32, topK, filter, returnDistance, returnMetadata })], { readOnly: true });
    return { vectors: toVectors(found!.rows), distanceMetric: index.metric };
  },
});

interface Nearest {
  readonly vector: readonly number[];
  readonly topK: number;
  readonly filter: unknown;
  readonly returnDistance: boolean;
  readonly returnMetadata: boolean;
}

function nearest(index: VectorIndex, { vector, topK, filter, returnDistance, returnMetadata }: Nearest) {
  const parameters = [JSON.stringify(vector), String(topK)];
  const place = (value: string): string => `$${parameters.push(value)}`;
  const where = filter === undefined ? "" : `where ${filterCondition(filter, { unfilterable: unfilterable(index), place })}`;
  const distance = `data operator(${index.schema}.${DISTANCES[index.metric]}) $1::${index.schema}.vector`;
  const sql = `select ${columns({ returnMetadata, distance: returnDistance ? distance : undefined })} from ${index.table} ${where} order by ${distance}, key limit $2::bigint`;
  return { sql, parameters };
}

export const deleteVectors = defineVectorEndpoint({
  id: "vectors.delete",
  action: "DeleteVectors",
  body: z.object({ ...ofIndex, keys: z.array(vectorKey).min(1).max(500) }),
  handle: async (call, { keys, ...given }) => {
    const { table } = await findIndex(call, given);
    await call.query("service", [{ sql: `delete from ${table} where key = any (select json_array_elements_text($1::json))`, parameters: [JSON.stringify(keys)] }]);
    return {};
  },
});
