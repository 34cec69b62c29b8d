import { parseCookie, type SerializeOptions, stringifySetCookie } from "cookie";

export interface CookieToSet {
  readonly name: string;
  readonly value: string;
  readonly options: SerializeOptions;
}

/** `cookies` of `createServerClient` (@supabase/ssr). */
export interface CookieMethods {
  getAll(): { name: string; value: string }[];
  /** @param headers that keep caches from giving one user's cookies to another */
  setAll(cookies: readonly CookieToSet[], headers?: Readonly<Record<string, string>>): void;
}

/**
 * Cookies of a web-standard request; those to be set go into the headers of its response.
 *
 * @example
 * const headers = new Headers();
 * const supabase = createServerClient(url, anonKey, { cookies: cookiesOfRequest(request, headers), global: { fetch: backend.fetch } });
 * const { data } = await supabase.auth.getClaims();
 * return Response.json(data?.claims, { headers });
 */
export function cookiesOfRequest(request: { readonly headers: { get(name: string): string | null } }, responseHeaders: Headers): CookieMethods {
  return {
    getAll: () => parsed(request.headers.get("cookie") ?? ""),
    setAll: (cookies, headers = {}) => {
      for (const cookie of cookies) responseHeaders.append("set-cookie", written(cookie));
      for (const [name, value] of Object.entries(headers)) responseHeaders.set(name, value);
    },
  };
}

/** What is needed of Node's response, and so of Express' and Fastify's `reply.raw`. */
export interface NodeResponse {
  readonly headersSent: boolean;
  appendHeader(name: string, value: string): unknown;
  setHeader(name: string, value: string): unknown;
}

/**
 * Cookies of Node's request and response, and so of Express'. Ask for the user before the response is begun: tokens that
 * are refreshed later can't be set any more.
 *
 * @example
 * app.get("/me", async (request, response) => {
 *   const supabase = createServerClient(url, anonKey, { cookies: cookiesOfNode(request, response), global: { fetch: backend.fetch } });
 *   const { data } = await supabase.auth.getUser();
 *   response.json(data.user);
 * });
 */
export function cookiesOfNode(request: { readonly headers: { readonly cookie?: string | undefined } }, response: NodeResponse): CookieMethods {
  return {
    getAll: () => parsed(request.headers.cookie ?? ""),
    setAll: (cookies, headers = {}) => {
      if (response.headersSent) return;
      for (const cookie of cookies) response.appendHeader("set-cookie", written(cookie));
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    },
  };
}

/** What `await cookies()` of Next.js is. */
export interface NextCookies {
  getAll(): readonly { readonly name: string; readonly value: string }[];
  set(name: string, value: string, options?: SerializeOptions): unknown;
}

/**
 * Cookies of Next.js. Server Components can't set any: there nothing is set, and the proxy (formerly middleware) of the
 * application is to refresh tokens.
 *
 * @example
 * const supabase = createServerClient(url, anonKey, { cookies: cookiesOfNext(await cookies()), global: { fetch: backend.fetch } });
 */
export function cookiesOfNext(store: NextCookies): CookieMethods {
  return {
    getAll: () => store.getAll().map(({ name, value }) => ({ name, value })),
    setAll: (cookies) => {
      try {
        for (const { name, value, options } of cookies) store.set(name, value, options);
      } catch {
        // In a Server Component. Next.js has no way to ask beforehand.
      }
    },
  };
}

const parsed = (header: string): { name: string; value: string }[] => Object.entries(parseCookie(header)).map(([name, value]) => ({ name, value: value ?? "" }));

const written = ({ name, value, options }: CookieToSet): string => stringifySetCookie(name, value, options);
