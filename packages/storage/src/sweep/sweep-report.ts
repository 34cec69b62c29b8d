/** A row that names bytes which the store hasn't. */
export interface RowWithoutBytes {
  readonly bucket: string;
  readonly name: string;
  readonly version: string;
  /** Whether it is an earlier version of the object. */
  readonly isArchived: boolean;
}

/** What a sweep of a project's files found, and did unless it was a dry run. */
export interface SweepReport {
  /** Whether nothing was deleted, only counted. */
  readonly dryRun: boolean;
  /** Objects in the store that were looked at, earlier versions included. */
  readonly objects: number;
  /** Their bytes. */
  readonly size: number;
  /** Deleted: those that no row names. */
  readonly bytesWithoutRow: { readonly count: number; readonly size: number };
  /** Left alone: no row names them, but somebody may be about to. */
  readonly young: number;
  /** Nothing is done about them: `examples` are the first 100. */
  readonly rowsWithoutBytes: { readonly count: number; readonly examples: readonly RowWithoutBytes[] };
  /** Earlier versions that their buckets keep no longer. */
  readonly expiredVersions: number;
  /** Resumable uploads that were not continued in time. */
  readonly expiredUploads: number;
  /** Uploads in parts that nobody has completed in time, and parts of those that are nobody's. */
  readonly abortedUploads: number;
}
