import { createRequire } from "node:module";
import { compileLegacyPath } from "./legacy-path.ts";
import type { RoleClaim } from "./role-claim.ts";

/** What is `role` in the claims, as in Supabase's tokens and in Plinth's own. */
export const PLAIN_ROLE: RoleClaim = ({ role }) => role;

/**
 * Of PostgREST's `jwt-role-claim-key`: a JSONPath (RFC 9535) such as `$.realm.roles[0]`, of whose results the first one
 * counts, or a path as PostgREST had them up to version 14.
 * https://docs.postgrest.org/en/stable/references/auth.html#jwt-role-extraction
 *
 * @throws Error for what is neither
 */
export function compileRoleClaim(path: string): RoleClaim {
  if (path === "$.role" || path === ".role") return PLAIN_ROLE;
  return compileJsonPath(path) ?? compileLegacyPath(path) ?? invalid(path);
}

/** @returns undefined where it is no JSONPath */
function compileJsonPath(path: string): RoleClaim | undefined {
  if (!path.startsWith("$")) return undefined;
  // Loaded where it is needed, which is in few processes, and at once, since settings are checked at once.
  const { compile } = createRequire(import.meta.url)("json-p3") as typeof import("json-p3");
  try {
    const query = compile(path);
    return (claims) => query.match(claims as Parameters<typeof query.match>[0])?.value;
  } catch (cause) {
    throw new Error(`is no JSONPath: ${(cause as Error).message}`, { cause });
  }
}

function invalid(path: string): never {
  throw new Error(`must be a JSONPath such as "$.app_metadata.role", which ${JSON.stringify(path)} is not`);
}
