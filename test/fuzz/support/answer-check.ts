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
  // Class 54, program limit exceeded: columns of a result, dimensions of an array, and what is nested too deep.
  ["54011", /^target lists can have at most 1664 entries$/],
  ["54000", /^number of array dimensions/],
  ["54001", /^stack depth limit exceeded$/],
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

/** What PostgreSQL's parser says of a statement: no text of a client's may be part of one, but for the words of a cast. */
const SYNTAX_ERROR = /^(?:syntax error at|unterminated|trailing junk after)/;
const CAST = /::|%3a/i;

interface ErrorBody {
  readonly code: string;
  readonly message: string;
}

const isExpected = ({ code, message }: ErrorBody): boolean => SERVER_ERRORS.get(code)?.test(message) === true;

function errorProblem({ method, query }: FuzzRequest, answer: Answer): string | undefined {
  const error = parsed(answer.body) as ErrorBody | undefined;
  if (answer.status >= 500 && (error === undefined || !isExpected(error))) return "is a server's error";
  if (method === "HEAD") return answer.body === "" ? undefined : "has a body, for a HEAD";
  if (error === undefined || answer.headers.get("content-type") !== "application/json; charset=utf-8") return "is an error that isn't JSON";
  if (Object.keys(error).join() !== ERROR_KEYS) return "is an error of another shape than PostgREST's";
  if (SYNTAX_ERROR.test(error.message) && !CAST.test(query)) return "tells that something of the request was read as SQL";
  return namesError(error, answer) ? undefined : "doesn't name its error in Proxy-Status";
}

function namesError({ code }: ErrorBody, { status, headers }: Answer): boolean {
  // A path with ".." may be no longer this service's.
  if (code === "PLINTH_ROUTE_NOT_FOUND") return true;
  // What was found out once the statement had run is no error to PostgREST, but for status and body.
  if (status === 416 && headers.has("content-range")) return true;
  return headers.get("proxy-status") === `PostgREST; error=${code}`;
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
