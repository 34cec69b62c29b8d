/** Whether a project's bucket has what is served of its site, or will have it later. */
export type CdnStanding = "current" | "behind";

/** A project's part of the bucket that a CDN reads from. */
export interface SiteCdn {
  /** After a change. What fails is tried again by itself. */
  bringUpToDate(): Promise<CdnStanding>;
  /** A revision of the site was read: brings the bucket to it beside other work, where it isn't there. */
  noticed(revision: string): void;
  /** Where a file is read. @param file percent-encoded */
  url(file: string): string;
  dispose(): void;
}
