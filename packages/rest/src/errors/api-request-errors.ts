import { BackendError } from "@plinth/core";
import type { ErrorDefinition } from "@plinth/core";

/**
 * Errors of the request itself, group PGRST1xx: https://docs.postgrest.org/en/stable/references/errors.html
 * Those whose message names something of the request have a function below; the rest are thrown as they are.
 */
export const API_REQUEST_ERRORS = {
  queryParam: { code: "PGRST100", status: 400, message: "A query parameter could not be parsed" },
  invalidRpcMethod: { code: "PGRST101", status: 405, message: "Cannot use this method on RPC" },
  invalidBody: { code: "PGRST102", status: 400, message: "Empty or invalid json" },
  invalidRange: { code: "PGRST103", status: 416, message: "Requested range not satisfiable" },
  invalidFilters: { code: "PGRST105", status: 405, message: "Filters must include all and only primary key columns with 'eq' operators" },
  unacceptableSchema: { code: "PGRST106", status: 406, message: "Invalid schema" },
  mediaType: { code: "PGRST107", status: 406, message: "None of these media types are available" },
  notEmbedded: { code: "PGRST108", status: 400, message: "Not an embedded resource in this request" },
  gucHeaders: { code: "PGRST111", status: 500, message: "response.headers guc must be a JSON array composed of objects with a single key and a string value" },
  gucStatus: { code: "PGRST112", status: 500, message: "response.status guc must be a valid status code" },
  putLimitNotAllowed: { code: "PGRST114", status: 400, message: "limit/offset querystring parameters are not allowed for PUT" },
  putMatchingPk: { code: "PGRST115", status: 400, message: "Payload values do not match URL in primary key column(s)" },
  singularity: { code: "PGRST116", status: 406, message: "Cannot coerce the result to a single JSON object" },
  unsupportedMethod: { code: "PGRST117", status: 405, message: "Unsupported HTTP method" },
  relatedOrderNotToOne: { code: "PGRST118", status: 400, message: "A related order is not possible" },
  unacceptableFilter: { code: "PGRST120", status: 400, message: "Bad operator on an embedded resource" },
  raiseParse: { code: "PGRST121", status: 500, message: `Could not parse JSON in the "RAISE SQLSTATE 'PGRST'" error` },
  invalidPreferences: { code: "PGRST122", status: 400, message: "Invalid preferences given with handling=strict" },
  aggregatesNotAllowed: { code: "PGRST123", status: 400, message: "Use of aggregate functions is not allowed" },
  maxAffectedViolation: { code: "PGRST124", status: 400, message: "Query result exceeds max-affected preference constraint" },
  invalidResourcePath: { code: "PGRST125", status: 404, message: "Invalid path specified in request URL" },
  readTooCostly: { code: "PLINTH_READ_TOO_COSTLY", status: 400, message: "This read would cost more than is allowed.", hint: "Ask for less: give a limit, or filter by an indexed column." },
  openapiDisabled: { code: "PGRST126", status: 404, message: "Root endpoint metadata is disabled" },
  notImplemented: { code: "PGRST127", status: 400, message: "Feature not implemented" },
  maxAffectedRpc: { code: "PGRST128", status: 400, message: "Function must return SETOF or TABLE when max-affected preference is used with handling=strict" },
} as const satisfies Record<string, ErrorDefinition>;

/** A parameter of the query string is outside the grammar; both texts are the parser's. */
export function queryParamError(message: string, details: string): BackendError {
  return new BackendError(API_REQUEST_ERRORS.queryParam, { message, details });
}

export function invalidRpcMethod(method: string): BackendError {
  return new BackendError(API_REQUEST_ERRORS.invalidRpcMethod, { message: `Cannot use the ${method} method on RPC` });
}

export function invalidBody(message: string): BackendError {
  return new BackendError(API_REQUEST_ERRORS.invalidBody, { message });
}

export type RangeProblem =
  | { readonly kind: "negativeLimit" }
  | { readonly kind: "lowerAboveUpper" }
  | { readonly kind: "outOfBounds"; readonly offset: number; readonly total: number };

const RANGE_DETAILS: { readonly [K in RangeProblem["kind"]]: (problem: Extract<RangeProblem, { kind: K }>) => string } = {
  negativeLimit: () => "Limit should be greater than or equal to zero.",
  lowerAboveUpper: () => "The lower boundary must be lower than or equal to the upper boundary in the Range header.",
  outOfBounds: ({ offset, total }) => `An offset of ${offset} was requested, but there are only ${total} rows.`,
};

export function invalidRange(problem: RangeProblem): BackendError {
  const describe = RANGE_DETAILS[problem.kind] as (problem: RangeProblem) => string;
  return new BackendError(API_REQUEST_ERRORS.invalidRange, { details: describe(problem) });
}

/** Filters of a PUT other than `eq` on each primary key column. */
export function invalidFilters(): BackendError {
  return new BackendError(API_REQUEST_ERRORS.invalidFilters);
}

export function unacceptableSchema(schema: string, exposed: readonly string[]): BackendError {
  return new BackendError(API_REQUEST_ERRORS.unacceptableSchema, {
    message: `Invalid schema: ${schema}`,
    hint: `Only the following schemas are exposed: ${exposed.join(", ")}`,
  });
}

/** @param names the Accept header's media types, as {@link mediaTypeName} gives them */
export function mediaTypeError(names: readonly string[]): BackendError {
  return new BackendError(API_REQUEST_ERRORS.mediaType, { message: `None of these media types are available: ${names.join(", ")}` });
}

/** @param aliased the embed does exist, under an alias: filters must then use that */
export function notEmbedded(resource: string, aliased?: { readonly name: string; readonly alias: string }): BackendError {
  return new BackendError(API_REQUEST_ERRORS.notEmbedded, {
    message: `'${resource}' is not an embedded resource in this request`,
    ...(aliased === undefined
      ? { hint: `Verify that '${resource}' is included in the 'select' query parameter.` }
      : {
          details: "Target names are not allowed in filters if they have an alias",
          hint: `Change '${aliased.name}' to '${aliased.alias}' in filters, orders or limits.`,
        }),
  });
}

export function gucHeadersError(): BackendError {
  return new BackendError(API_REQUEST_ERRORS.gucHeaders);
}

export function gucStatusError(): BackendError {
  return new BackendError(API_REQUEST_ERRORS.gucStatus);
}

export function putLimitNotAllowed(): BackendError {
  return new BackendError(API_REQUEST_ERRORS.putLimitNotAllowed);
}

export function putMatchingPk(): BackendError {
  return new BackendError(API_REQUEST_ERRORS.putMatchingPk);
}

/** A single object was asked for and the result has another number of rows. */
export function singularity(rows: number): BackendError {
  return new BackendError(API_REQUEST_ERRORS.singularity, { details: `The result contains ${rows} rows` });
}

export function unsupportedMethod(method: string): BackendError {
  return new BackendError(API_REQUEST_ERRORS.unsupportedMethod, { message: `Unsupported HTTP method: ${method}` });
}

export function relatedOrderNotToOne(origin: string, target: string): BackendError {
  return new BackendError(API_REQUEST_ERRORS.relatedOrderNotToOne, {
    message: `A related order on '${target}' is not possible`,
    details: `'${origin}' and '${target}' do not form a many-to-one or one-to-one relationship`,
  });
}

export function unacceptableFilter(target: string): BackendError {
  return new BackendError(API_REQUEST_ERRORS.unacceptableFilter, {
    message: `Bad operator on the '${target}' embedded resource`,
    details: "Only is null or not is null filters are allowed on embedded resources",
  });
}

export type RaiseProblem =
  | { readonly kind: "message"; readonly text: string }
  | { readonly kind: "detail"; readonly text: string }
  | { readonly kind: "noDetail" };

const RAISE_MESSAGE_SHAPE = "MESSAGE must be a JSON object with obligatory keys: 'code', 'message' and optional keys: 'details', 'hint'.";
const RAISE_DETAIL_SHAPE = "DETAIL must be a JSON object with obligatory keys: 'status', 'headers' and optional key: 'status_text'.";

const RAISE_DETAILS: { readonly [K in RaiseProblem["kind"]]: (problem: Extract<RaiseProblem, { kind: K }>) => string } = {
  message: ({ text }) => `Invalid JSON value for MESSAGE: '${text}'`,
  detail: ({ text }) => `Invalid JSON value for DETAIL: '${text}'`,
  noDetail: () => "DETAIL is missing in the RAISE statement",
};

/** SQL raised SQLSTATE 'PGRST', to shape the response itself, with a MESSAGE or DETAIL that isn't the JSON it must be. */
export function raiseParseError(problem: RaiseProblem): BackendError {
  const describe = RAISE_DETAILS[problem.kind] as (problem: RaiseProblem) => string;
  return new BackendError(API_REQUEST_ERRORS.raiseParse, {
    details: describe(problem),
    hint: problem.kind === "message" ? RAISE_MESSAGE_SHAPE : RAISE_DETAIL_SHAPE,
  });
}

/** @param invalid Preferences.invalid */
export function invalidPreferences(invalid: readonly string[]): BackendError {
  return new BackendError(API_REQUEST_ERRORS.invalidPreferences, { details: `Invalid preferences: ${invalid.join(", ")}` });
}

export function aggregatesNotAllowed(): BackendError {
  return new BackendError(API_REQUEST_ERRORS.aggregatesNotAllowed);
}

export function maxAffectedViolation(rows: number): BackendError {
  return new BackendError(API_REQUEST_ERRORS.maxAffectedViolation, { details: `The query affects ${rows} rows` });
}

export function invalidResourcePath(): BackendError {
  return new BackendError(API_REQUEST_ERRORS.invalidResourcePath);
}

export function openapiDisabled(): BackendError {
  return new BackendError(API_REQUEST_ERRORS.openapiDisabled);
}

export function notImplemented(details: string): BackendError {
  return new BackendError(API_REQUEST_ERRORS.notImplemented, { details });
}

export function maxAffectedRpc(): BackendError {
  return new BackendError(API_REQUEST_ERRORS.maxAffectedRpc);
}
