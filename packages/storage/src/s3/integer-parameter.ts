import { StorageError } from "../storage-error.ts";
import type { S3Query } from "./s3-query.ts";
import { S3_ERRORS } from "./s3-errors.ts";

/** @throws StorageError InvalidArgument where there is something else */
export function integerParameter(query: S3Query, name: string): number | undefined {
  const given = query.get(name);
  if (given === undefined || given === "") return undefined;
  if (!/^\d{1,9}$/.test(given)) throw new StorageError(S3_ERRORS.invalidArgument, { message: `${name} is not a whole number.` });
  return Number(given);
}
