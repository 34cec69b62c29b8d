import { AuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";

/** Milliseconds of Go's units. */
const UNITS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, "µs": 1e-3, "μs": 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
/** Go counts nanoseconds in 64 bits: some 292 years. */
const LONGEST = (2 ** 63 - 1) / 1e6;

/**
 * Until when a user is banned, by a duration as Go writes it: "24h", "1h30m", "none".
 * @returns null for no ban; undefined where nothing is asked
 * @throws BackendError validation_failed
 */
export function bannedUntil(duration: string | undefined, from = Date.now()): Date | null | undefined {
  if (duration === undefined) return undefined;
  if (duration === "none") return null;
  const milliseconds = parseDuration(duration);
  return milliseconds === 0 ? null : new Date(from + milliseconds);
}

/** https://pkg.go.dev/time#ParseDuration */
function parseDuration(text: string): number {
  const [, sign = "", rest = ""] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  if (rest === "0") return 0;
  const parts = [...rest.matchAll(/(\d+\.?\d*|\.\d+)([^\d.]*)/g)];
  if (rest === "" || parts.map(([part]) => part).join("") !== rest) throw invalid(`invalid duration ${JSON.stringify(text)}`);
  const sum = parts.reduce((total, [, number = "", unit = ""]) => total + Number(number) * millisecondsOf(unit, text), 0);
  if (sum > LONGEST) throw invalid(`invalid duration ${JSON.stringify(text)}`);
  return sign === "-" ? -sum : sum;
}

function millisecondsOf(unit: string, text: string): number {
  if (unit === "") throw invalid(`missing unit in duration ${JSON.stringify(text)}`);
  if (!Object.hasOwn(UNITS, unit)) throw invalid(`unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`);
  return UNITS[unit]!;
}

const invalid = (why: string): AuthError => new AuthError(AUTH_ERRORS.validationFailed, { message: `invalid format for ban duration: time: ${why}` });
