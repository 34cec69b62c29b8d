import type { UserMetadata } from "../stored-object-row.ts";

/** What a request brings to be stored. */
export interface Upload {
  /** Its bytes: at once where there are few of them. Ends with an error where there are more than may be. */
  readonly body: AsyncIterable<Uint8Array> | Uint8Array;
  /** As the request announces them. Undefined where it doesn't, or for a form, whose length says little. */
  readonly size: number | undefined;
  readonly mimeType: string;
  readonly cacheControl: string;
  readonly userMetadata: UserMetadata | undefined;
  readonly xRobotsTag: string | undefined;
}

/** What of an upload is taken. */
export interface UploadLimits {
  /** Bytes. */
  readonly maxSize: number;
  /** Empty or null: any. */
  readonly mimeTypes: readonly string[] | null;
}
