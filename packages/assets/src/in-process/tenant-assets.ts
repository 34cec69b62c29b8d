import type { UploadedFile } from "../files/site-upload.ts";
import type { PublishedRelease, PublishOptions } from "../releases/publish-release.ts";
import type { Release } from "../releases/release.ts";

/** A .tar.gz or .tar, as it comes; a folder of this machine, as its path; or files. */
export type SiteSource = { readonly archive: AsyncIterable<Uint8Array> | Uint8Array } | { readonly folder: string } | { readonly files: AsyncIterable<UploadedFile> | Iterable<UploadedFile> };

/** A project's site, from the host's own code. */
export interface TenantAssets {
  /**
   * Publishes a whole site in place of what was served: all of it or, where anything fails, nothing.
   * @throws BackendError `ASSETS_…` naming the file that isn't taken
   * @example
   * const release = await tenant.assets.publish({ folder: "dist" }, { label: "v1.2.0" });
   */
  publish(source: SiteSource, options?: PublishOptions): Promise<PublishedRelease>;
  /**
   * Serves a release that was published before.
   * @param release its id. Default: the one before that which is served
   * @throws BackendError PLINTH_ASSETS_RELEASE_NOT_FOUND
   */
  rollback(release?: string): Promise<Release>;
  /** Those that are kept, the latest first. */
  releases(): Promise<readonly Release[]>;
  /**
   * Removes what publications have left that were killed, and bytes that no row knows of; brings a CDN's bucket up to date. A
   * backend that works its jobs does so every night.
   * @returns how many such bytes there were
   */
  sweep(): Promise<number>;
}
