import type { FuzzRequest } from "./fuzz-request.ts";
import { revealsSecret } from "./vocabulary.ts";

/** An answer that has been read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** In milliseconds. */
  readonly took: number;
}

/**
 * What PostgREST too answers with a status of 500 and above, by SQLSTATE: its `mapSQLtoHTTP`. Each is a request that is understood, sent as
 * one statement, and refused by PostgreSQL with a code that PostgREST takes for the server's fault.
 */
const SERVER_ERRORS: ReadonlyMap<string, RegExp> = new Map([
  // Class 55: views that are no table's; a fitting privilege there is, a way to write there is not.
  ["55000", /^cannot (?:insert into|update|delete from) (?:view|column)/],
  // Cardinality violation: the same key twice among the rows of one upsert.
  ["21000", /^ON CONFLICT DO UPDATE command cannot affect row a second time$/],
]);

/** Longer than the longest statement may take, with time for a machine that is busy otherwise. */
const TIME = 10_000;

/** @returns what is wrong with an answer, if anything is */
export function answerProblem(request: FuzzRequest, answer: Answer): string | undefined {
  if (answer.took > TIME) return `took ${Math.round(answer.took)} ms`;
  if (revealsSecret(answer.body) || [...answer.headers.values()].some(revealsSecret)) return "has what nobody may see";
  return (answer.status >= 300 ? errorProblem : rightProblem)(request, answer);
}

const ERROR_KEYS = "code,details,hint,message";

function errorProblem({ method }: FuzzRequest, { status, headers, body }: Answer): string | undefined {
  const error = parsed(body) as { code: string; message: string } | undefined;
  if (status >= 500 && !(error !== undefined && SERVER_ERRORS.get(error.code)?.test(error.message) === true)) return "is a server's error";
  if (method === "HEAD") return body === "" ? undefined : "has a body, for a HEAD";
  if (headers.get("content-type") !== "application/json; charset=utf-8") return "is an error that isn't JSON";
  if (error === undefined || Object.keys(error).join() !== ERROR_KEYS) return "is an error of another shape than PostgREST's";
  // A path with ".." may be no longer this service's.
  if (error.code === "PLINTH_ROUTE_NOT_FOUND") return undefined;
  // What was found out once the statement had run is no error to PostgREST, but for status and body.
  if (status === 416 && headers.has("content-range")) return undefined;
  return headers.get("proxy-status") === `PostgREST; error=${error.code}` ? undefined : "doesn't name its error in Proxy-Status";
}

const JSON_TYPE = /^application\/(?:json|geo\+json|openapi\+json|vnd\.pgrst\.\w+\+json)\b/;

function rightProblem({ method, path }: FuzzRequest, { status, headers, body }: Answer): string | undefined {
  if (method === "HEAD" || status === 204) return body === "" ? undefined : "has a body that it mayn't have";
  const type = headers.get("content-type") ?? "";
  if (!JSON_TYPE.test(type) || body === "") return undefined;
  const json = parsed(body);
  if (json === undefined) return "is no JSON";
  return type.startsWith("application/json") && Array.isArray(json) && method === "GET" && !path.startsWith("/rpc/") ? rangeProblem(json.length, status, headers.get("content-range")) : undefined;
}

/** Of a read: the range says how many rows there are in the body, and the status whether these are all. */
function rangeProblem(rows: number, status: number, range: string | null): string | undefined {
  const found = range === null ? null : /^(?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec(range);
  if (found === null) return undefined;
  const [, first, last, total] = found;
  const told = first === undefined ? 0 : Number(last) - Number(first) + 1;
  if (told !== rows && total !== "0") return `has ${rows} rows, and says ${range}`;
  return (status === 206) === (total !== "*" && rows < Number(total)) ? undefined : `is a ${status} of ${rows} rows, and says ${range}`;
}

/** Undefined for what isn't JSON, which no text stands for. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
