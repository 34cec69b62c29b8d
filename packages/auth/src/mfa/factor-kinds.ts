import { isUuid } from "@plinth/core";
import { AuthError } from "../auth-error.ts";
import type { FactorType } from "../database/auth-tables.ts";
import { AUTH_ERRORS } from "../errors.ts";
import type { FactorKind } from "./attempt.ts";
import { phoneFactor } from "./phone-factor.ts";
import type { SessionCall } from "./require-session.ts";
import { totpFactor } from "./totp-factor.ts";
import { webauthnFactor } from "./webauthn-factor.ts";

const KINDS: Readonly<Record<FactorType, FactorKind>> = { totp: totpFactor, phone: phoneFactor, webauthn: webauthnFactor };

/** Which of the user's factors a path names. */
export interface NamedFactor {
  readonly id: string;
  readonly type: FactorType;
}

/** @throws BackendError validation_failed, mfa_factor_not_found */
export function namedFactor({ params, user }: Pick<SessionCall, "params" | "user">): NamedFactor {
  const id = params["factorId"]?.toLowerCase();
  if (!isUuid(id)) throw new AuthError(AUTH_ERRORS.validationFailed, { status: 404, message: "factor_id must be an UUID" });
  const factor = user.factors.find((one) => one.id === id);
  if (factor === undefined) throw new AuthError(AUTH_ERRORS.mfaFactorNotFound);
  return { id: factor.id, type: factor.factor_type };
}

/** @throws BackendError where the project has switched factors of its type off */
export function kindOf({ config }: Pick<SessionCall, "config">, { type }: NamedFactor): FactorKind {
  const kind = KINDS[type];
  if (!kind.isEnabled(config.mfa)) throw new AuthError(kind.disabled);
  return kind;
}
