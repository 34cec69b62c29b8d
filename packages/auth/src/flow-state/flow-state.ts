import { randomUUID } from "node:crypto";
import { isUuid } from "@plinth/core";
import type { Selectable } from "kysely";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { FlowStateTable } from "../database/auth-tables.ts";
import { now } from "../database/now.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import type { AuthenticationMethod } from "../sessions/authentication-method.ts";
import type { SessionResponse } from "../sessions/session-response.ts";
import type { CodeChallenge } from "./code-challenge.ts";

export type FlowStateRow = Readonly<Selectable<FlowStateTable>>;

/** What goes on between a browser's leaving and its coming back. */
export interface NewFlowState {
  /** "email", "google", … */
  readonly provider: string;
  readonly method: AuthenticationMethod;
  /** Undefined for the implicit flow. */
  readonly pkce: CodeChallenge | undefined;
  readonly userId?: string | undefined;
  /** Where the application wants the browser back. Checked. */
  readonly referrer?: string | undefined;
  readonly inviteToken?: string | undefined;
  readonly oauthClientStateId?: string | undefined;
  /** The user to whom an identity is to be linked. */
  readonly linkingTargetId?: string | undefined;
  readonly emailOptional?: boolean;
}

/** What `flow_state.auth_code` keeps of a code. */
export const authCodeDigest = ({ tenant }: Pick<AuthCall, "tenant">, code: string): Promise<string> => tenant.secrets.digest(code, "auth.code");

/** @returns the row, and the code that the browser is to bring back once the user is known */
export async function createFlowState(call: AuthCall, db: AuthTransaction, flow: NewFlowState): Promise<{ readonly row: FlowStateRow; readonly code: string }> {
  const code = randomUUID();
  const at = now();
  const row = await db
    .insertInto("auth.flow_state")
    .values({
      id: randomUUID(), user_id: flow.userId ?? null, auth_code: await authCodeDigest(call, code), code_challenge: flow.pkce?.challenge ?? null, code_challenge_method: flow.pkce?.method ?? null,
      provider_type: flow.provider, authentication_method: flow.method, created_at: at, updated_at: at, invite_token: flow.inviteToken ?? null, referrer: flow.referrer ?? null,
      oauth_client_state_id: flow.oauthClientStateId ?? null, linking_target_id: flow.linkingTargetId ?? null, email_optional: flow.emailOptional ?? false,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return { row, code };
}

/** What a provider lets do, to be handed on to whoever redeems the code. */
export interface HandedOver {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
}

/** A new code for a flow whose user has just been made certain of: good from now on. */
export async function issueAuthCode(call: AuthCall, db: AuthTransaction, id: string, userId: string, tokens?: HandedOver): Promise<string> {
  const code = randomUUID();
  const handedOver = tokens === undefined ? {} : { provider_access_token: await sealProviderToken(call, tokens.accessToken), provider_refresh_token: await sealProviderToken(call, tokens.refreshToken) };
  await db.updateTable("auth.flow_state").set({ auth_code: await authCodeDigest(call, code), user_id: userId, auth_code_issued_at: now(), updated_at: now(), ...handedOver }).where("id", "=", id).execute();
  return code;
}

/**
 * The flow that a code is of, which is gone with that: a code is redeemed once.
 * @throws BackendError flow_state_not_found, flow_state_expired
 */
export async function takeFlowState(call: AuthCall, db: AuthTransaction, code: string): Promise<FlowStateRow> {
  if (!isUuid(code)) throw new AuthError(AUTH_ERRORS.flowStateNotFound);
  const flow = await db.deleteFrom("auth.flow_state").where("auth_code", "=", await authCodeDigest(call, code)).where("user_id", "is not", null).returningAll().executeTakeFirst();
  if (flow === undefined) throw new AuthError(AUTH_ERRORS.flowStateNotFound);
  if (isExpired(flow, call)) throw new AuthError(AUTH_ERRORS.flowStateExpired);
  return flow;
}

/** From the confirming of the user on, where that may have come long after the beginning (a mail). */
export function isExpired({ auth_code_issued_at: issued, created_at: created }: FlowStateRow, { config }: Pick<AuthCall, "config">): boolean {
  const from = (issued ?? created)?.getTime() ?? 0;
  return Date.now() - from > config.external.flowStateExpiryDuration * 1_000;
}

const PROVIDER_TOKEN = "auth.provider-token";
export const sealProviderToken = ({ tenant }: Pick<AuthCall, "tenant">, token: string | undefined): Promise<string | null> => (token === undefined ? Promise.resolve(null) : tenant.secrets.seal(token, PROVIDER_TOKEN));

export async function openProviderTokens({ tenant }: Pick<AuthCall, "tenant">, flow: Pick<FlowStateRow, "provider_access_token" | "provider_refresh_token">): Promise<Pick<SessionResponse, "provider_token" | "provider_refresh_token">> {
  const open = (sealed: string | null): Promise<string | undefined> => (sealed === null ? Promise.resolve(undefined) : tenant.secrets.open(sealed, PROVIDER_TOKEN));
  return { provider_token: await open(flow.provider_access_token), provider_refresh_token: await open(flow.provider_refresh_token) };
}
