import { z } from "zod";
import { defineVectorEndpoint } from "./define-vector-endpoint.ts";
import { findIndex, unfilterable, type VectorIndex } from "./vector-index.ts";
import { ofIndex, vectorData, vectorKey } from "./vector-fields.ts";
import { invalid } from "./vector-rows.ts";

const primitive = z.union([z.string(), z.number(), z.boolean()]);
const vector = z.object({ key: vectorKey, data: vectorData, metadata: z.record(z.string(), z.union([primitive, z.array(primitive)])).optional() });

type Vector = z.output<typeof vector>;

/** Limits of S3 Vectors, as upstream has them. Bytes are those of JSON. */
const MAX_VECTORS = 500;
const MAX_METADATA_KEYS = 50;
const MAX_METADATA_BYTES = 40 * 1_024;
const MAX_FILTERABLE_BYTES = 2_048;
const MAX_BODY_BYTES = 20 * 1_024 * 1_024;

export const putVectors = defineVectorEndpoint({
  id: "vectors.put",
  action: "PutVectors",
  maxBytes: MAX_BODY_BYTES,
  body: z.object({ ...ofIndex, vectors: z.array(vector).min(1).max(MAX_VECTORS) }),
  handle: async (call, { vectors, ...given }) => {
    if (new Set(vectors.map(({ key }) => key)).size < vectors.length) throw invalid("Request must not contain duplicate keys");
    const index = await findIndex(call, given);
    for (const one of vectors) check(one, index);
    const rows = vectors.map(({ key, data, metadata = {} }) => ({ key, data: JSON.stringify(data.float32), metadata }));
    // In the order of their keys: two that put the same ones wait for each other, rather than each for the other's.
    const sql = `insert into ${index.table} (key, data, metadata)
      select key, data::${index.schema}.vector, metadata from json_to_recordset($1::json) as given (key text, data text, metadata jsonb) order by key collate "C"
      on conflict (key) do update set data = excluded.data, metadata = excluded.metadata`;
    await call.query("service", [{ sql, parameters: [JSON.stringify(rows)] }]);
    return {};
  },
});

function check({ key, data, metadata = {} }: Vector, index: VectorIndex): void {
  const refuse = (message: string) => invalid(`Invalid record for key '${key}': ${message}`);
  checkData(data.float32, index, refuse);
  const fields = Object.entries(metadata);
  const hidden = unfilterable(index);
  if (fields.length > MAX_METADATA_KEYS) throw refuse(`Metadata must have at most ${MAX_METADATA_KEYS} keys`);
  if (bytesOf(metadata) > MAX_METADATA_BYTES) throw refuse(`Total metadata must have at most ${MAX_METADATA_BYTES} bytes`);
  if (bytesOf(Object.fromEntries(fields.filter(([name]) => !hidden.has(name)))) > MAX_FILTERABLE_BYTES) throw refuse(`Filterable metadata must have at most ${MAX_FILTERABLE_BYTES} bytes`);
}

const bytesOf = (metadata: object): number => Buffer.byteLength(JSON.stringify(metadata));

/** @throws StorageError InvalidParameter where it is of another length, or has no direction */
export function checkData(values: readonly number[], { dimension, metric }: VectorIndex, refuse: (message: string) => Error): void {
  if (values.length !== dimension) throw refuse(`vector must have length ${dimension}, but has length ${values.length}`);
  if (metric === "cosine" && values.every((value) => Math.fround(value) === 0)) throw refuse("vector must not be all zeros where distances are cosines");
}
