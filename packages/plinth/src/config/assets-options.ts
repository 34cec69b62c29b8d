import type { AssetsOptions } from "@plinth/assets";
import type { PublicBucketOptions } from "@plinth/storage";
import { z } from "zod";

/** A CDN's origin: a bucket of its own, into which the public files of all projects' sites are put. */
export interface CdnOptions {
  /** Any S3-compatible server, or a bucket of one's own. */
  readonly store: PublicBucketOptions;
  /**
   * Where clients read what is in it: `https://cdn.example.com`, with a project's ref as the first part of the path, or
   * `https://{ref}.example.com`, where the CDN puts the label before the path.
   */
  readonly url: string;
  /** In which form files are put that get smaller. Default: as they are, for the CDN to compress. */
  readonly encoding?: "br" | "gzip";
}

export interface BackendAssetsOptions extends AssetsOptions {
  /** Default: none. Files are sent by the backend. */
  readonly cdn?: CdnOptions;
}

const url = z.string().refine((text) => /^https?:\/\/[^?#]+$/.test(text) && URL.canParse(text.replaceAll("{ref}", "ref")), "must be an http(s) URL without a query, such as https://cdn.example.com or https://{ref}.example.com");

// The rest is checked by the service, which merges it with each project's own; the store by whoever opens it.
const schema = z.looseObject({ cdn: z.strictObject({ store: z.unknown().refine((store) => store !== undefined, "the bucket"), url, encoding: z.enum(["br", "gzip"]).optional() }).optional() });

export const assetsOptionsSchema = z.custom<BackendAssetsOptions>((value) => typeof value === "object" && value !== null).default({}).superRefine((value, context) => {
  for (const { message, path } of schema.safeParse(value).error?.issues ?? []) context.addIssue({ code: "custom", message, path: [...path] });
});
