import type { BackendError } from "../errors/backend-error.ts";
import type { Claims } from "../tenant/scope.ts";
import { tokenError } from "./errors.ts";

/** What a token's claims are held against. */
export interface ClaimExpectations {
  /** The project's, and those it had before. */
  readonly refs: readonly string[];
  /** Undefined: any audience. */
  readonly audience: string | undefined;
}

/** How far a token's clock may differ from this one's, in seconds. */
const SKEW = 30;

type ClaimCheck = (claims: Claims, now: number, expected: ClaimExpectations) => BackendError | undefined;

/** In the order in which PostgREST looks; an absent or null claim is no claim. */
const CHECKS: readonly ClaimCheck[] = [
  ({ exp }, now) => time(exp, "expiryMalformed", (value) => now - SKEW > value, "expired"),
  ({ nbf }, now) => time(nbf, "notBeforeMalformed", (value) => now + SKEW < value, "notYetValid"),
  ({ iat }, now) => time(iat, "issuedMalformed", (value) => now + SKEW < value, "issuedInFuture"),
  ({ aud }, _now, { audience }) => checkAudience(aud, audience),
  ({ ref }, _now, expected) => (isAbsent(ref) || expected.refs.includes(ref as string) ? undefined : tokenError("wrongProject")),
];

/**
 * @param now whole seconds since 1970
 * @throws BackendError PGRST303 for the first claim that doesn't hold
 */
export function checkClaims(claims: Claims, now: number, expected: ClaimExpectations): void {
  for (const check of CHECKS) {
    const error = check(claims, now, expected);
    if (error !== undefined) throw error;
  }
}

/** Whole seconds since 1970 between which a token is good, the skew allowed for. */
export function validity(claims: Claims): { readonly from: number; readonly until: number } {
  const begins = [claims["nbf"], claims["iat"]].filter((value) => typeof value === "number");
  return { from: Math.max(-Infinity, ...begins) - SKEW, until: (typeof claims["exp"] === "number" ? claims["exp"] : Infinity) + SKEW };
}

function time(value: unknown, malformed: Parameters<typeof tokenError>[0], isWrong: (value: number) => boolean, wrong: Parameters<typeof tokenError>[0]): BackendError | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value !== "number") return tokenError(malformed);
  return isWrong(value) ? tokenError(wrong) : undefined;
}

function checkAudience(aud: unknown, audience: string | undefined): BackendError | undefined {
  if (isAbsent(aud)) return undefined;
  const named: unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!named.every((item) => typeof item === "string")) return tokenError("audienceMalformed");
  return audience === undefined || named.length === 0 || named.includes(audience) ? undefined : tokenError("audience");
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}
