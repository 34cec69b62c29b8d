import { sql } from "kysely";
import { Webhook } from "standardwebhooks";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { AuthError } from "../auth-error.ts";
import type { AuthConfig } from "../config/auth-options.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";

export type HookName = keyof AuthConfig["hook"];
type HookOutput = Readonly<Record<string, unknown>>;

/** Milliseconds. */
const FUNCTION_TIMEOUT = 2_000;
const HTTP_TIMEOUT = 5_000;
const HTTP_TRIES = 3;
const MAX_RETRY_AFTER = 2_000;
const MAX_OUTPUT_BYTES = 200 * 1024;

/**
 * Asks a project's hook: a function of its database, or an HTTPS endpoint (signed as Standard Webhooks has it).
 * https://supabase.com/docs/guides/auth/auth-hooks
 *
 * @param db the transaction that a function is called in; else in one of its own
 * @returns its output; undefined where the project has no such hook
 * @throws BackendError with the status and message that the hook gives; hook_timeout, hook_timeout_after_retry,
 * hook_payload_over_size_limit, hook_payload_invalid_content_type, unexpected_failure
 */
export async function invokeHook(call: AuthCall, name: HookName, input: object, db?: AuthTransaction): Promise<HookOutput | undefined> {
  const { enabled, uri, secrets } = call.config.hook[name];
  if (!enabled || uri === undefined) return undefined;
  const output = uri.startsWith("pg-functions://") ? await callFunction(call, uri, input, db) : await post(uri, secrets, input, call.signal);
  throwError(output);
  return output;
}

/** `pg-functions://postgres/<schema>/<function>` */
async function callFunction(call: AuthCall, uri: string, input: object, db: AuthTransaction | undefined): Promise<HookOutput> {
  const [schema, name] = new URL(uri).pathname.split("/").slice(1).map(decodeURIComponent);
  if (!schema || !name) throw new AuthError(AUTH_ERRORS.unexpectedFailure, { message: `The hook's URI names no function: ${uri}` });
  const run = async (transaction: AuthTransaction): Promise<HookOutput> => {
    await sql`select set_config('statement_timeout', ${String(FUNCTION_TIMEOUT)}, true)`.execute(transaction);
    const { rows } = await sql<{ output: HookOutput | null }>`select ${sql.id(schema, name)}(${JSON.stringify(input)}::jsonb) as output`.execute(transaction);
    return rows[0]?.output ?? {};
  };
  try {
    return db === undefined ? await call.db(run) : await run(db);
  } catch (error) {
    const { code, message = "" } = (error ?? {}) as { code?: string; message?: string };
    if (code === "57014") throw new AuthError(AUTH_ERRORS.hookTimeout, { message: "Failed to reach hook within maximum time of 2.000000 seconds", cause: error });
    if (code === undefined || error instanceof AuthError || /^PT\d{3}$/.test(code)) throw error;
    throw new AuthError(AUTH_ERRORS.unexpectedFailure, { message: "Error running hook URI: " + uri, details: message, hint: `Is there a function ${schema}.${name}(event jsonb), and was supabase_auth_admin granted its execution and the schema's usage?`, cause: error });
  }
}

async function post(uri: string, secrets: readonly string[], input: object, signal: AbortSignal): Promise<HookOutput> {
  const body = JSON.stringify(input);
  for (let attempt = 1; ; attempt++) {
    const response = await request(uri, body, secrets, signal);
    if (response.status === 204) return {};
    if (response.ok) return readOutput(response);
    await response.body?.cancel();
    const retryAfter = response.headers.get("retry-after");
    if ((response.status !== 429 && response.status !== 503) || retryAfter === null) {
      const message = response.status === 400 ? "Invalid payload sent to hook" : response.status === 401 ? "Hook requires authorization token" : `Unexpected status code returned from hook: ${response.status}`;
      throw new AuthError(AUTH_ERRORS.unexpectedFailure, { message });
    }
    if (attempt === HTTP_TRIES) throw new AuthError(AUTH_ERRORS.hookTimeoutAfterRetry);
    await sleep(Math.min(Number(retryAfter) * 1_000 || MAX_RETRY_AFTER, MAX_RETRY_AFTER), undefined, { signal });
  }
}

async function request(uri: string, body: string, secrets: readonly string[], signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(uri, { method: "POST", body, headers: { "content-type": "application/json", ...signatures(body, secrets) }, redirect: "error", signal: AbortSignal.any([signal, AbortSignal.timeout(HTTP_TIMEOUT)]) });
  } catch (cause) {
    throw new AuthError(AUTH_ERRORS.hookTimeout, { cause });
  }
}

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md; secrets are `v1,whsec_<base64>`. */
function signatures(body: string, secrets: readonly string[]): Readonly<Record<string, string>> {
  if (secrets.length === 0) return {};
  const id = randomUUID();
  const at = new Date();
  const signed = secrets.map((secret) => new Webhook(secret.replace(/^v1,/, "")).sign(id, at, body));
  return { "webhook-id": id, "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)), "webhook-signature": signed.join(" ") };
}

async function readOutput(response: Response): Promise<HookOutput> {
  const type = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes.byteLength > MAX_OUTPUT_BYTES) throw new AuthError(AUTH_ERRORS.hookPayloadOverSizeLimit, { message: `Payload size exceeded size limit of ${MAX_OUTPUT_BYTES} bytes` });
  if (bytes.byteLength === 0) return {};
  if (type !== "application/json") throw new AuthError(AUTH_ERRORS.hookPayloadInvalidContentType, { message: "Invalid JSON response. Received content-type: " + (type ?? "none") });
  try {
    const output: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof output === "object" && output !== null && !Array.isArray(output)) return output as HookOutput;
  } catch {
    // Said below.
  }
  throw new AuthError(AUTH_ERRORS.unexpectedFailure, { message: "Error unmarshaling JSON output." });
}

/** `{"error": {"http_code": 403, "message": "…"}}` refuses what was asked. */
function throwError({ error }: HookOutput): void {
  if (typeof error !== "object" || error === null) return;
  const { http_code: code, message } = error as { http_code?: unknown; message?: unknown };
  if (typeof message !== "string" || message === "") return;
  const status = typeof code === "number" && code >= 400 && code < 600 ? code : 500;
  throw new AuthError({ code: status >= 500 ? AUTH_ERRORS.unexpectedFailure.code : "hook_rejected", status, message });
}
