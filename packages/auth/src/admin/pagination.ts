import { mountPathOf } from "@plinth/core";
import { AuthError } from "../auth-error.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";

/** A page of a list. */
export interface Page {
  /** From 1 on. */
  readonly page: number;
  readonly perPage: number;
}

const DEFAULT_PER_PAGE = 50;
/** What fits LIMIT and OFFSET, multiplied. */
const LARGEST = 2 ** 31 - 1;

/** `page` and `per_page` of the query. @throws BackendError validation_failed */
export function pageOf({ query }: Pick<AuthCall, "query">): Page {
  return { page: Math.max(1, wholeNumber(query.get("page"), 1)), perPage: Math.max(1, wholeNumber(query.get("per_page"), DEFAULT_PER_PAGE)) };
}

function wholeNumber(text: string | null, byDefault: number): number {
  if (text === null || text === "") return byDefault;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value <= LARGEST) return value;
  throw new AuthError(AUTH_ERRORS.validationFailed, { message: `Bad Pagination Parameters: strconv.ParseUint: parsing ${JSON.stringify(text)}: ${Number.isNaN(value) ? "invalid syntax" : "value out of range"}` });
}

/**
 * `Link` (RFC 8288) with the next page, where there is one, and the last; `X-Total-Count`. Parameters are in the order of
 * their names, as Go writes them: @supabase/auth-js reads the page's number off the first one.
 */
export function paginationHeaders({ request }: Pick<AuthCall, "request">, { page, perPage }: Page, total: number): Readonly<Record<string, string>> {
  const last = Math.ceil(total / perPage);
  const link = (number: number, rel: string): string => `<${addressOfPage(request, number)}>; rel="${rel}"`;
  return { Link: [...(last > page ? [link(page + 1, "next")] : []), link(last, "last")].join(", "), "X-Total-Count": String(total) };
}

function addressOfPage(request: Request, page: number): string {
  const url = new URL(request.url);
  url.searchParams.set("page", String(page));
  url.searchParams.sort();
  return mountPathOf(request) + url.pathname + url.search;
}
