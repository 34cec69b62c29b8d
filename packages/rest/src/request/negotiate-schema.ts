import { unacceptableSchema } from "../errors/api-request-errors.ts";
import { headerText } from "./header-text.ts";

export interface NegotiatedSchema {
  readonly schema: string;
  readonly negotiatedByProfile: boolean;
}

const WRITING_METHODS: ReadonlySet<string> = new Set(["DELETE", "PATCH", "POST", "PUT"]);

/**
 * The exposed schema that the profile header names (https://www.w3.org/TR/dx-prof-conneg/), else the first.
 * @throws BackendError PGRST106
 */
export function negotiateSchema(schemas: readonly [string, ...string[]], method: string, headers: Headers): NegotiatedSchema {
  const header = headers.get(WRITING_METHODS.has(method) ? "content-profile" : "accept-profile");
  if (header === null) return { schema: schemas[0], negotiatedByProfile: schemas.length !== 1 };
  const schema = headerText(header);
  if (!schemas.includes(schema)) throw unacceptableSchema(schema, schemas);
  return { schema, negotiatedByProfile: true };
}
