import { parseCookie } from "cookie";

/** What headers are read from: a Request, Node's or Express' request, or `{ headers: await headers() }` of Next.js. */
export interface WithHeaders {
  readonly headers: { get(name: string): string | null } | Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface ShownTokensOptions {
  /**
   * The cookie's name, where @supabase/ssr was given one (`cookieOptions.name`), or more than one project signs in on the
   * same host. Default: every `sb-…-auth-token`.
   */
  readonly cookieName?: string | undefined;
}

/** Sessions of more projects than that are not looked at. */
const MOST = 5;
const BASE64 = "base64-";
const COOKIE = /^(sb-.+-auth-token)(?:\.(?:0|[1-9]\d?))?$/;

/**
 * The access tokens that a request shows: its Bearer token, else those of the sessions in its cookies, as @supabase/ssr
 * writes them (https://github.com/supabase/ssr, src/utils/chunker.ts). None of them is verified.
 */
export function shownTokens({ headers }: WithHeaders, { cookieName }: ShownTokensOptions = {}): readonly string[] {
  const bearer = /^bearer\s+(.+)$/i.exec(headerOf(headers, "authorization") ?? "")?.[1]?.trim();
  if (bearer !== undefined) return [bearer];
  const header = headerOf(headers, "cookie");
  if (header === undefined) return [];
  const cookies = parseCookie(header);
  const names = cookieName === undefined ? namesOf(cookies) : [cookieName];
  return names.slice(0, MOST).flatMap((name) => accessTokenOf(valueOf(cookies, name)) ?? []);
}

function headerOf(headers: WithHeaders["headers"], name: string): string | undefined {
  if (typeof headers["get"] === "function") return (headers as { get(name: string): string | null }).get(name) ?? undefined;
  const value = (headers as Readonly<Record<string, string | readonly string[] | undefined>>)[name];
  return typeof value === "string" ? value : value?.[0];
}

type Cookies = Readonly<Record<string, string | undefined>>;

const namesOf = (cookies: Cookies): readonly string[] => [...new Set(Object.keys(cookies).flatMap((name) => COOKIE.exec(name)?.[1] ?? []))];

/** Whole, or in pieces of some 3 kB each. */
function valueOf(cookies: Cookies, name: string): string {
  const whole = cookies[name];
  if (whole) return whole;
  let pieces = "";
  for (let index = 0; ; index++) {
    const piece = cookies[`${name}.${index}`];
    if (!piece) return pieces;
    pieces += piece;
  }
}

function accessTokenOf(value: string): string | undefined {
  const text = value.startsWith(BASE64) ? Buffer.from(value.slice(BASE64.length), "base64url").toString("utf8") : value;
  try {
    const { access_token: token } = JSON.parse(text) as { access_token?: unknown };
    return typeof token === "string" ? token : undefined;
  } catch {
    return undefined;
  }
}
