import type { z } from "zod";
import type { AuthError } from "../auth-error.ts";
import type { AuthConfig } from "../config/auth-options.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { StoredFactor } from "./find-factor.ts";
import type { SessionCall } from "./require-session.ts";
import type { challengeBodySchema, verifyBodySchema } from "./factor-bodies.ts";

export type ChallengeBody = z.infer<typeof challengeBodySchema>;
export type VerifyBody = z.infer<typeof verifyBodySchema>;

/** What a client gets that has asked to show a factor. */
export interface ChallengeResponse {
  readonly id: string;
  readonly type: StoredFactor["factor_type"];
  /** Whole seconds since 1970. */
  readonly expires_at: number;
  readonly webauthn?: { readonly type: "create" | "request"; readonly credential_options: { readonly publicKey: object } };
}

/** How an answer to a challenge was found to be. */
export type Attempt =
  | { readonly valid: false; readonly refusal: AuthError }
  /** `accept` uses it up, in the transaction that raises the session. The factor is held; what is used up already is refused. */
  | { readonly valid: true; accept(db: AuthTransaction, factor: StoredFactor): Promise<void> };

/** A kind of second factor. */
export interface FactorKind {
  readonly isEnabled: (mfa: AuthConfig["mfa"]) => boolean;
  readonly disabled: ConstructorParameters<typeof AuthError>[0];
  challenge(call: SessionCall, factorId: string, body: ChallengeBody): Promise<ChallengeResponse>;
  attempt(call: SessionCall, factorId: string, body: VerifyBody): Promise<Attempt>;
}
