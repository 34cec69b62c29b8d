/** The time that rows are written with: what a Date can hold, so that what is read back is what was written. */
export const now = (): Date => new Date();

/** RFC 3339 in UTC, as GoTrue writes times; undefined for none, so that JSON leaves the field out. */
export function timestamp(value: Date | string | null | undefined): string | undefined {
  if (value === null || value === undefined) return undefined;
  return (value instanceof Date ? value : new Date(value)).toISOString();
}
