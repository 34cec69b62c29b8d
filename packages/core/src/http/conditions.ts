/** What a request's conditions are held against (RFC 9110, 13). */
export interface Validators {
  /** Quoted. */
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
}

/** Whether the client has what it asks for already: If-None-Match, and where there is none, If-Modified-Since. */
export function isUnchanged(headers: Headers, { etag, lastModified }: Validators): boolean {
  const tags = headers.get("if-none-match");
  if (tags !== null) return etag !== undefined && (tags.trim() === "*" || tagsOf(tags).includes(weak(etag)));
  const since = dateOf(headers.get("if-modified-since"));
  return since !== undefined && lastModified !== undefined && seconds(lastModified) <= seconds(since);
}

/** Whether a range is to be taken from what there is: If-Range names it, or isn't there (RFC 9110, 13.1.5). */
export function isRangeWanted(headers: Headers, { etag, lastModified }: Validators): boolean {
  const given = headers.get("if-range");
  if (given === null) return true;
  if (given.startsWith('"')) return given === etag;
  const date = dateOf(given);
  return date !== undefined && lastModified !== undefined && seconds(date) === seconds(lastModified);
}

/** Entity tags of a list, compared weakly. */
const tagsOf = (list: string): string[] => [...list.matchAll(/(?:W\/)?("[^"]*")/g)].map(([, tag]) => tag!);

const weak = (tag: string): string => tag.replace(/^W\//, "");

function dateOf(text: string | null): Date | undefined {
  const date = new Date(text ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

const seconds = (date: Date): number => Math.floor(date.getTime() / 1_000);
