import type { RestConfig } from "../config/rest-config.ts";
import { parseAccept } from "../media-type/parse-accept.ts";
import { parseMediaType } from "../media-type/parse-media-type.ts";
import { resolveAction, resolveResource } from "./action.ts";
import type { Action, ApiRequest } from "./api-request.ts";
import { headerText } from "./header-text.ts";
import { negotiateSchema } from "./negotiate-schema.ts";
import { parseCookies } from "./parse-cookies.ts";
import { parsePayload } from "./parse-payload.ts";
import { parsePreferences } from "./parse-preferences.ts";
import { parseQueryParams } from "./parse-query-params.ts";
import type { Body } from "./read-body.ts";
import { requestRanges } from "./request-ranges.ts";

export interface ApiRequestInput {
  readonly method: string;
  /** Below the service's prefix, beginning with "/", as it was sent. */
  readonly path: string;
  /** Without the question mark, as it was sent. */
  readonly query: string;
  readonly headers: Headers;
  /** As `readBody` gives it. */
  readonly body: Body;
}

/**
 * Reads what a client asks for, without looking at schema or database.
 * https://docs.postgrest.org/en/stable/references/api.html
 *
 * @throws BackendError of the group PGRST1xx
 */
export function parseApiRequest(input: ApiRequestInput, config: RestConfig): ApiRequest {
  const { method, headers } = input;
  const resource = resolveResource(input.path, config);
  const { schema, negotiatedByProfile } = negotiateSchema(config.schemas, method, headers);
  const action = resolveAction(resource, schema, method);
  const queryParams = parseQueryParams(input.query, readsRoutine(action));
  const { topLevelRange, ranges } = requestRanges(method, queryParams.ranges, headers.get("range"));
  const contentType = parseMediaType(headers.get("content-type") ?? "application/json");
  const accept = headers.get("accept");
  return {
    action,
    method,
    path: input.path,
    schema,
    negotiatedByProfile,
    queryParams,
    topLevelRange,
    ranges,
    ...parsePayload(input.body, contentType, action, queryParams),
    preferences: parsePreferences(headers, config.txEnd.endsWith("-allow-override")),
    accept: accept === null ? [{ kind: "any" }] : parseAccept(accept),
    contentType,
    ...clientHeaders(headers),
  };
}

function readsRoutine(action: Action): boolean {
  return action.kind === "routineCall" && action.invoke.kind === "read";
}

export function clientHeaders(headers: Headers): Pick<ApiRequest, "headers" | "cookies"> {
  const named: Array<readonly [string, string]> = [];
  for (const [name, value] of headers) {
    if (name !== "cookie") named.push([name, headerText(value)]);
  }
  return { headers: named, cookies: parseCookies(headerText(headers.get("cookie") ?? "")) };
}
