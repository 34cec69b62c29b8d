import { randomUUID } from "node:crypto";
import type { Selectable } from "kysely";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { SamlRelayStatesTable } from "../database/auth-tables.ts";
import { now } from "../database/now.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { CLOCK_SKEW } from "./service-provider.ts";

export type RelayState = Readonly<Selectable<SamlRelayStatesTable>>;

/** Begins the `request_id` of rows that remember an assertion rather than a request. No request's begins so. Their time is the assertion's end, so that they are there as long. */
const USED = "used:";

export interface NewRelayState {
  readonly providerId: string;
  readonly requestId: string;
  readonly redirectTo: string;
  readonly flowStateId: string | undefined;
}

/** @returns what the identity provider is to send back */
export async function createRelayState(db: AuthTransaction, { providerId, requestId, redirectTo, flowStateId }: NewRelayState): Promise<string> {
  const id = randomUUID();
  const at = now();
  await db.insertInto("auth.saml_relay_states").values({ id, sso_provider_id: providerId, request_id: requestId, redirect_to: redirectTo, flow_state_id: flowStateId ?? null, created_at: at, updated_at: at }).execute();
  return id;
}

/**
 * The request that a response answers, which is gone with that: one response alone is taken for it, right or wrong.
 * @throws BackendError saml_relay_state_not_found, saml_relay_state_expired
 */
export async function takeRelayState({ config, db }: AuthCall, id: string): Promise<RelayState> {
  const state = await db((transaction) => transaction.deleteFrom("auth.saml_relay_states").where("id", "=", id).where("request_id", "not like", `${USED}%`).returningAll().executeTakeFirst());
  if (state === undefined) throw new AuthError(AUTH_ERRORS.samlRelayStateNotFound);
  const age = Date.now() - (state.created_at?.getTime() ?? 0);
  if (age >= config.saml.relayStateValidityPeriod * 1_000) throw new AuthError(AUTH_ERRORS.samlRelayStateExpired);
  return state;
}

export interface UsedAssertion {
  readonly providerId: string;
  /** The assertion's `ID`. */
  readonly assertionId: string;
  /** Until when it would be good, in milliseconds since 1970. */
  readonly until: number;
}

/**
 * Notes that an assertion was used: it is a bearer's, and good once (SAML 2.0 Profiles, 4.1.4.5).
 * @throws BackendError validation_failed where it was used before
 */
export async function useAssertion({ tenant }: Pick<AuthCall, "tenant">, db: AuthTransaction, { providerId, assertionId, until }: UsedAssertion): Promise<void> {
  const digest = await tenant.secrets.digest(`${providerId} ${assertionId}`, "auth.saml-assertion");
  const hex = Buffer.from(digest, "base64url").toString("hex");
  const id = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
  const noted = await db
    .insertInto("auth.saml_relay_states")
    .values({ id, sso_provider_id: providerId, request_id: `${USED}${digest}`, created_at: new Date(until + CLOCK_SKEW), updated_at: now() })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .returning("id")
    .executeTakeFirst();
  if (noted === undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "SAML Assertion has been used already" });
}
