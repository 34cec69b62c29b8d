import { z } from "zod";

/** Limits of S3 Vectors, as upstream has them. */
const MAX_KEY_LENGTH = 1_024;

export const vectorBucketName = z.string().min(1).max(255);
export const indexName = z.string().min(3).max(45).regex(/^[a-z0-9](?:[a-z0-9.-]{1,61})?[a-z0-9]$/, "must be of lower case letters, digits, dots and hyphens, with a letter or digit at each end");

/** Which index is meant. */
export const ofIndex = { vectorBucketName, indexName };

export const vectorKey = z.string().min(1).max(MAX_KEY_LENGTH);

/** Numbers of JSON that no float32 can be are refused by PostgreSQL. */
export const vectorData = z.object({ float32: z.array(z.number()).min(1) });

export const page = { prefix: z.string().optional(), maxResults: z.number().int().min(1).max(500).default(500), nextToken: z.string().optional() };
