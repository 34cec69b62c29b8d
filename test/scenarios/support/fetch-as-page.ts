/** Headers that any page may send to anybody (https://fetch.spec.whatwg.org/#cors-safelisted-request-header). */
const SAFE: ReadonlySet<string> = new Set(["accept", "accept-language", "content-language"]);
const SAFE_TYPES = /^(?:application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\b/;
const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST"]);
/** Headers that any page may read. */
const READABLE: ReadonlySet<string> = new Set(["cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma"]);

/** A `fetch` that asks and obeys other origins as a browser's does for a page of `origin`, without cookies. */
export function fetchAsPage(origin: string, send: typeof fetch): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    if (new URL(request.url).origin === origin) return send(request);
    const unsafe = [...request.headers.keys()].filter((name) => !SAFE.has(name) && !(name === "content-type" && SAFE_TYPES.test(request.headers.get(name)!)));
    if (unsafe.length > 0 || !SAFE_METHODS.has(request.method)) await preflight(request, unsafe);
    request.headers.set("origin", origin);
    const response = await send(request);
    allowedBy(response, request);
    const exposed = listOf(response, "access-control-expose-headers");
    const headers = [...response.headers].filter(([name]) => READABLE.has(name) || exposed.includes(name));
    return new Response(response.body, { status: response.status, headers });
  };

  async function preflight({ url, method }: Request, unsafe: readonly string[]): Promise<void> {
    const asked = { origin, "access-control-request-method": method, ...(unsafe.length === 0 ? {} : { "access-control-request-headers": unsafe.join(",") }) };
    const response = await send(url, { method: "OPTIONS", headers: asked });
    await response.body?.cancel();
    allowedBy(response, { url, method });
    const [methods, headers] = [listOf(response, "access-control-allow-methods"), listOf(response, "access-control-allow-headers")];
    if (!response.ok || !(SAFE_METHODS.has(method) || methods.includes(method.toLowerCase()))) throw blocked(url, method);
    for (const name of unsafe) if (!headers.includes(name)) throw blocked(url, name);
  }

  function allowedBy(response: Response, { url, method }: Pick<Request, "url" | "method">): void {
    const allowed = response.headers.get("access-control-allow-origin");
    if (allowed !== origin && allowed !== "*") throw blocked(url, method);
  }
}

const listOf = (response: Response, name: string): string[] => (response.headers.get(name) ?? "").split(",").map((part) => part.trim().toLowerCase());

const blocked = (url: string, what: string): TypeError => new TypeError(`Failed to fetch: ${what} ${url} is blocked by CORS`);
