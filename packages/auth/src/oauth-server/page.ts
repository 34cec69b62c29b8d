/** Which part of a list is asked for. */
export interface Page {
  /** From 1 on. */
  readonly page: number;
  readonly perPage: number;
}

const USUAL = 50;
const MOST = 1_000;

/** `page` and `per_page`; what is none counts as not given, as @supabase/auth-js sends them empty. */
export const pageOf = (query: URLSearchParams): Page => ({ page: positive(query.get("page"), 1, 1_000_000), perPage: positive(query.get("per_page"), USUAL, MOST) });

const positive = (text: string | null, usual: number, most: number): number => (text !== null && /^[1-9]\d{0,8}$/.test(text) ? Math.min(Number(text), most) : usual);

/** `Link` (RFC 8288) and `X-Total-Count`, as GoTrue writes them. */
export function pageHeaders(url: URL, { page, perPage }: Page, total: number): Readonly<Record<string, string>> {
  const last = Math.max(1, Math.ceil(total / perPage));
  const link = (number: number, rel: string): string => `<${url.pathname}?page=${number}&per_page=${perPage}>; rel="${rel}"`;
  return { "x-total-count": String(total), link: [...(page < last ? [link(page + 1, "next")] : []), link(last, "last")].join(", ") };
}
