import type { RawResult, Statement } from "@plinth/core";

/** A whole site, as it was published. */
export interface Release {
  readonly id: string;
  readonly label: string | null;
  readonly files: number;
  /** Of all files together, uncompressed. */
  readonly bytes: number;
  readonly publishedAt: string;
  /** Whether it is served. */
  readonly isCurrent: boolean;
}

const COLUMNS = "select r.id, r.label, r.files, r.bytes, to_json(r.published_at) #>> '{}', r.id = s.release_id from assets.releases r cross join assets.site s where r.state = 'ready'";

/** The latest first. */
export const selectReleases = (): Statement => ({ sql: `${COLUMNS} order by r.published_at desc, r.id desc`, parameters: [] });

export const selectRelease = (id: string): Statement => ({ sql: `${COLUMNS} and r.id = $1::bigint`, parameters: [id] });

export const selectCurrent: Statement = { sql: `${COLUMNS} and r.id = s.release_id`, parameters: [] };

export const toReleases = ({ rows }: RawResult): Release[] =>
  rows.map(([id, label, files, bytes, publishedAt, isCurrent]) => ({ id: id!, label: label ?? null, files: Number(files), bytes: Number(bytes), publishedAt: new Date(publishedAt!).toISOString(), isCurrent: isCurrent === "t" }));
