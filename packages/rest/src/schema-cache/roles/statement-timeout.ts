export const TIMEOUT_SETTING = "statement_timeout";

const UNITS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * In milliseconds, of a duration as PostgreSQL's settings spell it ("5s", "1.5min", "500"); 0 is any length.
 * Undefined where it is none: PostgreSQL will say so.
 */
export function readTimeout(text: string | undefined): number | undefined {
  const [, number, unit = "ms"] = /^\s*(\d+(?:\.\d+)?)\s*(us|ms|s|min|h|d)?\s*$/.exec(text ?? "") ?? [];
  return number === undefined ? undefined : Math.round(Number(number) * UNITS[unit]!);
}

/** The smaller one, where 0 is the largest. */
export const withinLimit = (timeoutMs: number, limitMs: number | undefined): number =>
  limitMs === undefined ? timeoutMs : timeoutMs === 0 ? limitMs : Math.min(timeoutMs, limitMs);
