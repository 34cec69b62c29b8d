import type { Endpoint } from "../endpoint/endpoint.ts";
import { createVectorBucket, deleteVectorBucket, getVectorBucket, listVectorBuckets } from "./bucket-endpoints.ts";
import { createVectorIndex, deleteVectorIndex, getVectorIndex, listVectorIndexes } from "./index-endpoints.ts";
import { putVectors } from "./put-vectors.ts";
import { deleteVectors, getVectors, listVectors, queryVectors } from "./read-vectors.ts";

/** Buckets, indexes and vectors, as S3 Vectors names what is done with them. */
export const VECTOR_ENDPOINTS: readonly Endpoint[] = [
  createVectorBucket, getVectorBucket, listVectorBuckets, deleteVectorBucket,
  createVectorIndex, getVectorIndex, listVectorIndexes, deleteVectorIndex,
  putVectors, getVectors, listVectors, queryVectors, deleteVectors,
];
