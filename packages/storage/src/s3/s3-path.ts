import { decodePercent } from "./percent-encoding.ts";

/** What a path below `/storage/v1/s3` names. */
export interface S3Path {
  readonly level: "service" | "bucket" | "object";
  readonly bucket: string;
  /** As sent, decoded: slashes at its beginning and end are a part of it. */
  readonly key: string;
}

const PREFIX = "/s3";

export const isS3Path = (path: string): boolean => path === PREFIX || path.startsWith(`${PREFIX}/`);

/** @param path below the service's prefix @throws StorageError InvalidURI */
export function readS3Path(path: string): S3Path {
  const rest = path.slice(PREFIX.length + 1);
  const slash = rest.indexOf("/");
  const bucket = decodePercent(slash < 0 ? rest : rest.slice(0, slash));
  const key = slash < 0 ? "" : decodePercent(rest.slice(slash + 1));
  return { level: key !== "" ? "object" : bucket !== "" ? "bucket" : "service", bucket, key };
}
