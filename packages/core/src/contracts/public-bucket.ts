/** What a bucket says of an object to whoever reads it: names and values of HTTP's headers. */
export interface PublicHeaders {
  readonly contentType: string;
  readonly cacheControl: string;
  readonly contentEncoding?: string | undefined;
  readonly contentDisposition?: string | undefined;
  readonly contentLanguage?: string | undefined;
}

/**
 * A bucket that anybody may read, by the names that things have there: what a CDN has as its origin. Unlike an `ObjectStore`,
 * names are users' own, and what is below one changes.
 *
 * Every method throws BackendError PLINTH_STORE_UNAVAILABLE where the bucket can't be reached or fails by itself, and the
 * signal's reason once it fires.
 */
export interface PublicBucket {
  /** Another one for another place: what lies at one is not at the other. */
  readonly id: string;
  /** Puts bytes in place of what may be there: readers see one or the other, whole. */
  put(name: string, bytes: Uint8Array, headers: PublicHeaders, signal?: AbortSignal): Promise<void>;
  /** Those that aren't there are none to be deleted. */
  delete(names: readonly string[], signal?: AbortSignal): Promise<void>;
  /** All names that begin with the prefix. */
  list(prefix: string): AsyncIterable<string>;
  close?(): Promise<void>;
}
