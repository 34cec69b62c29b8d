import { BackendError, type ErrorContext, reply } from "@plinth/core";
import { AuthError, OAuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";

const VERSION_HEADER = "x-supabase-api-version";
const FIRST_VERSION = "2024-01-01";

/** From this version of the API on codes are texts (internal/api/apiversions.go). */
function isVersioned(request: Request): boolean {
  const asked = request.headers.get(VERSION_HEADER);
  return asked !== null && /^\d{4}-\d{2}-\d{2}$/.test(asked) && asked >= FIRST_VERSION;
}

/** GoTrue's error bodies. Codes of the backend's own (PLINTH_…) are rendered the same way. Must not throw. */
export function renderError(thrown: unknown, { request }: ErrorContext): Response {
  const error = toAuthError(thrown, request);
  const headers: Record<string, string> = { "content-type": "application/json", "cache-control": "no-store", ...error.headers };
  if (error instanceof OAuthError) return reply(JSON.stringify({ error: error.error, error_description: error.message }), { status: error.status, headers });
  headers["x-sb-error-code"] = error.code;
  const more = {
    ...(error instanceof AuthError && error.weakPasswordReasons ? { weak_password: { reasons: error.weakPasswordReasons } } : {}),
    ...(typeof error.details === "string" ? { details: error.details } : {}),
    ...(error.hint === null ? {} : { hint: error.hint }),
  };
  if (!isVersioned(request)) return reply(JSON.stringify({ code: error.status, error_code: error.code, msg: error.message, ...more }), { status: error.status, headers });
  headers[VERSION_HEADER] = FIRST_VERSION;
  return reply(JSON.stringify({ code: error.code, message: error.message, ...more }), { status: error.status, headers });
}

/** Whatever was thrown, as what clients are told. */
export function toAuthError(thrown: unknown, request: Request): BackendError {
  if (!(thrown instanceof BackendError)) return raisedByDatabase(thrown) ?? new AuthError(AUTH_ERRORS.unexpectedFailure, { cause: thrown });
  // The backend's own words for tokens are PostgREST's: this service's clients know GoTrue's.
  if (/^PGRST30\d$/.test(thrown.code)) return tokenError(thrown, request);
  return thrown;
}

/** A key that doesn't hold is refused as Supabase's gateway does; a token, as GoTrue does. */
function tokenError(error: BackendError, request: Request): BackendError {
  const [key, bearer] = [request.headers.get("apikey"), request.headers.get("authorization")?.replace(/^bearer\s+/i, "")];
  if (error.code === "PGRST302" || bearer === undefined) return new AuthError(AUTH_ERRORS.noAuthorization, { message: key === null ? "No API key found in request" : "Invalid API key", hint: error.hint });
  const why = error.code === "PGRST303" ? `invalid JWT: unable to parse or verify signature, token has invalid claims: ${error.message}` : `invalid JWT: unable to parse or verify signature, ${error.message}`;
  return new AuthError(AUTH_ERRORS.badJwt, { message: why });
}

/** What a hook's function raises is for the caller: PT403 is status 403, as PostgREST has it. */
function raisedByDatabase(error: unknown): BackendError | undefined {
  const { code, message, detail } = (error ?? {}) as { code?: string; message?: string; detail?: string };
  const status = /^PT(\d{3})$/.exec(code ?? "")?.[1];
  if (status === undefined) return undefined;
  return new AuthError(AUTH_ERRORS.databaseRaised, { status: Number(status), message: message ?? "", details: detail ?? null });
}
