import { lightParts, withHeader } from "./light-response.ts";
import { reply } from "./reply.ts";

/** Which web pages may call the API from a browser (https://fetch.spec.whatwg.org/#http-cors-protocol). */
export interface CorsOptions {
  /** "*" (the default), origins such as "https://app.example.com", or a function that says yes or no to one. */
  readonly origins?: "*" | readonly string[] | ((origin: string) => boolean);
  /** Whether pages of allowed origins may send cookies; never where `origins` is "*". Default: true. */
  readonly credentials?: boolean;
  /** How long a browser may remember a preflight's answer, in seconds. Default: 86400. */
  readonly maxAge?: number;
  /** Response headers that pages may read. Default: PostgREST's list. */
  readonly exposedHeaders?: readonly string[];
}

/** The answer to every question of a browser about other origins. */
export interface CorsPolicy {
  /** The answer to a preflight; undefined where the request is none. */
  preflight(request: Request): Response | undefined;
  /** `response` with the headers that a request of this origin gets; maybe the same object, changed. */
  apply(request: Request, response: Response): Response;
}

const METHODS = "GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD";
const EXPOSED = ["Content-Encoding", "Content-Location", "Content-Range", "Content-Type", "Date", "Location", "Server", "Transfer-Encoding", "Range-Unit"];
const SIMPLE = ["Accept", "Accept-Language", "Content-Language"];
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

export function createCorsPolicy(options: CorsOptions = {}): CorsPolicy {
  const granted = grantFor(options);
  const maxAge = String(options.maxAge ?? 86_400);
  const exposed = (options.exposedHeaders ?? EXPOSED).join(", ");
  return {
    preflight(request) {
      if (request.method !== "OPTIONS" || !request.headers.has("access-control-request-method")) return undefined;
      const origin = request.headers.get("origin");
      if (origin === null) return undefined;
      const grant = granted(origin);
      if (grant["Access-Control-Allow-Origin"] === undefined) return reply("", { headers: grant });
      const asked = request.headers.get("access-control-request-headers");
      return reply("", { headers: { ...grant, "Access-Control-Allow-Methods": METHODS, "Access-Control-Allow-Headers": allowedHeaders(asked), "Access-Control-Max-Age": maxAge } });
    },
    apply(request, response) {
      const origin = request.headers.get("origin");
      const grant = granted(origin);
      let answer = response;
      for (const name in grant) answer = name === "Vary" ? varyByOrigin(answer) : withHeader(answer, name, grant[name]!);
      return origin !== null && grant["Access-Control-Allow-Origin"] !== undefined ? withHeader(answer, EXPOSE, [exposed, ...exposedBy(response)].join(", ")) : answer;
    },
  };
}

const EXPOSE = "Access-Control-Expose-Headers";

/** Those that a service says itself that pages may read. */
function exposedBy(response: Response): readonly string[] {
  const light = lightParts(response);
  const own = light === undefined ? response.headers.get(EXPOSE) : (light.headers[EXPOSE] ?? light.headers[EXPOSE.toLowerCase()]);
  return own === undefined || own === null ? [] : [own].flat();
}

const NOTHING: Readonly<Record<string, string>> = {};
const ANY_ORIGIN: Readonly<Record<string, string>> = { "Access-Control-Allow-Origin": "*" };

type Grant = (origin: string | null) => Readonly<Record<string, string>>;

/** What an origin is granted. A list's answer differs from origin to origin, so caches are told, refusals too. */
function grantFor({ origins = "*", credentials = true }: CorsOptions): Grant {
  if (origins === "*") return (origin) => (origin === null ? NOTHING : ANY_ORIGIN);
  const listed = typeof origins === "function" ? undefined : new Set(origins);
  const isAllowed = typeof origins === "function" ? origins : (origin: string) => listed!.has(origin);
  const withCredentials: Record<string, string> = credentials ? { "Access-Control-Allow-Credentials": "true" } : {};
  return (origin) => {
    if (origin === null || !isAllowed(origin)) return { Vary: "Origin" };
    return { "Access-Control-Allow-Origin": origin, ...withCredentials, Vary: "Origin" };
  };
}

function allowedHeaders(asked: string | null): string {
  const names = ["Authorization", ...(asked ?? "").split(",").map((name) => name.trim()), ...SIMPLE].filter((name) => HEADER_NAME.test(name));
  const lower = names.map((name) => name.toLowerCase());
  return names.filter((_name, index) => lower.indexOf(lower[index]!) === index).join(", ");
}

function varyByOrigin(response: Response): Response {
  const vary = response.headers.get("vary");
  if (vary === null || vary === "") return withHeader(response, "Vary", "Origin");
  const names = vary.split(",").map((name) => name.trim().toLowerCase());
  return names.includes("origin") || names.includes("*") ? response : withHeader(response, "Vary", `${vary}, Origin`);
}
