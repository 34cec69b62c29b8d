/** A file on its way into a site. */
export interface UploadedFile {
  readonly path: string;
  readonly content: Uint8Array | string | AsyncIterable<Uint8Array>;
  /** Its Cache-Control. Default: the site's. */
  readonly cacheControl?: string | undefined;
}
