import type { Project, PublicBucket } from "@plinth/core";
import type { Encoding } from "../delivery/encoding.ts";

/** A bucket of its own, which a CDN reads from: the public files of all projects' sites, as `<ref>/<path>`. */
export interface Cdn {
  readonly bucket: PublicBucket;
  /** Where clients find them: `{ref}` stands for the project; without it, its ref is the first part of the path. */
  readonly url: string;
  /** In which form files are put that have it: a bucket has one of each. Default: as they are, for the CDN to compress. */
  readonly encoding?: Encoding | undefined;
  /** The uid of the project that has a ref now, or had it before and nobody else has taken it. */
  ownerOf(ref: string): Promise<string | undefined>;
}

/** Where a file of the project is read. @param file percent-encoded */
export function cdnUrl({ url }: Pick<Cdn, "url">, ref: string, file: string): string {
  const base = url.includes("{ref}") ? url.replaceAll("{ref}", ref) : `${url.replace(/\/+$/, "")}/${ref}`;
  return `${base.replace(/\/+$/, "")}/${file}`;
}

/** In the bucket, before the names of a project's files. */
export const prefixIn = (ref: string): string => `${ref}/`;

/** Deletes all that a project has in the bucket, unless its ref is another's by now. */
export async function emptyCdn({ bucket, ownerOf }: Cdn, { uid, ref }: Pick<Project, "uid" | "ref">): Promise<void> {
  const owner = await ownerOf(ref);
  if (owner !== undefined && owner !== uid) return;
  const names: string[] = [];
  for await (const name of bucket.list(prefixIn(ref))) names.push(name);
  if (names.length > 0) await bucket.delete(names);
}
