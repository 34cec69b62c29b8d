import { createHash } from "node:crypto";

/** As S3 does it for uploads in parts: the MD5 of the parts' MD5s, and how many there were. @param etags quoted @returns quoted */
export function etagOfParts(etags: readonly string[]): string {
  const digest = createHash("md5");
  for (const etag of etags) digest.update(etag.slice(1, -1), "hex");
  return `"${digest.digest("hex")}-${etags.length}"`;
}

export const md5Etag = (bytes: Uint8Array): string => `"${createHash("md5").update(bytes).digest("hex")}"`;
