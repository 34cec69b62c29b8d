import { parseArgs } from "node:util";
import { UsageError } from "./command-error.ts";

/** One flag of a command. What it gives where it is left out is part of it. */
export interface Flag<T> {
  /** What stands for its value in the usage text: "DIR". Undefined: it is a switch. */
  readonly value?: string;
  readonly summary: string;
  /** Takes it more than once. */
  readonly repeats?: boolean;
  /** @throws UsageError */
  read(given: readonly string[], name: string): T;
}

/** By their names in camel case: `databaseUrl` is `--database-url`. */
export type Flags = Readonly<Record<string, Flag<unknown>>>;

export type FlagValues<F extends Flags> = { readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never };

export interface ParsedArguments<F extends Flags> {
  readonly flags: FlagValues<F>;
  readonly values: readonly string[];
}

export const nameOf = (key: string): string => `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

export const toggle = (summary: string): Flag<boolean> => ({ summary, read: (given) => given.length > 0 });

export const text = (value: string, summary: string): Flag<string | undefined> => ({ value, summary, read: (given) => given.at(-1) });

export const texts = (value: string, summary: string): Flag<readonly string[]> => ({ value, summary, repeats: true, read: (given) => given });

export const withDefault = <T>(flag: Flag<T | undefined>, fallback: T): Flag<T> => ({ ...flag, read: (given, name) => flag.read(given, name) ?? fallback });

/** One of some words. */
export const choice = <const T extends string>(words: readonly T[], summary: string): Flag<T | undefined> => ({
  value: "WORD",
  summary,
  read: (given, name) => {
    const last = given.at(-1);
    return last === undefined ? undefined : oneOf(words, last, name);
  },
});

/** Any of some words. */
export const choices = <const T extends string>(words: readonly T[], summary: string): Flag<readonly T[]> => ({
  value: "WORD",
  summary,
  repeats: true,
  read: (given, name) => given.map((word) => oneOf(words, word, name)),
});

function oneOf<T extends string>(words: readonly T[], given: string, name: string): T {
  const word = words.find((each) => each === given);
  if (word === undefined) throw new UsageError(`${name} takes ${words.slice(0, -1).join(", ")} or ${words.at(-1)}, not "${given}".`);
  return word;
}

/** A whole number. */
export const number = (value: string, summary: string, { min = 0, max = Number.MAX_SAFE_INTEGER }: { min?: number; max?: number } = {}): Flag<number | undefined> => ({
  value,
  summary,
  read(given, name) {
    const last = given.at(-1);
    if (last === undefined) return undefined;
    if (!/^\d+$/.test(last) || Number(last) < min || Number(last) > max) {
      throw new UsageError(`${name} takes a number ${max === Number.MAX_SAFE_INTEGER ? `of ${min} or more` : `from ${min} to ${max}`}, not "${last}".`);
    }
    return Number(last);
  },
});

export const port = (summary: string): Flag<number | undefined> => number("N", summary, { max: 65_535 });

/** JSON, of an object. */
export const json = (value: string, summary: string): Flag<Readonly<Record<string, unknown>> | undefined> => ({
  value,
  summary,
  read(given, name) {
    const last = given.at(-1);
    if (last === undefined) return undefined;
    const parsed = parseJson(last);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed as Readonly<Record<string, unknown>>;
    throw new UsageError(`${name} takes a JSON object, not ${last}.`);
  },
});

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A length of time as `90s`, `15m`, `12h`, `30d`; in milliseconds. */
export const duration = (summary: string): Flag<number | undefined> => ({
  value: "TIME",
  summary,
  read(given, name) {
    const last = given.at(-1);
    if (last === undefined) return undefined;
    const { count, unit } = /^(?<count>\d+)(?<unit>[smhd])$/.exec(last)?.groups ?? {};
    if (count === undefined || unit === undefined) throw new UsageError(`${name} takes a time such as 90s, 15m, 12h or 30d, not "${last}".`);
    return Number(count) * (UNITS[unit] as number);
  },
});

/** @throws UsageError that names what is wrong, and where to read on */
export function parseFlags<F extends Flags>(args: readonly string[], flags: F, command: string): ParsedArguments<F> {
  const options = Object.fromEntries(Object.entries(flags).map(([key, { value }]) => [nameOf(key).slice(2), { type: value === undefined ? ("boolean" as const) : ("string" as const), multiple: true as const }]));
  const { values, positionals } = parse(args, options, command);
  const read = Object.entries(flags).map(([key, flag]) => {
    const given = values[nameOf(key).slice(2)] ?? [];
    return [key, flag.read(given.map(String), nameOf(key))];
  });
  return { flags: Object.fromEntries(read) as FlagValues<F>, values: positionals };
}

function parse(args: readonly string[], options: Record<string, { type: "boolean" | "string"; multiple: true }>, command: string) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\nSee "plinth ${command} --help".`);
  }
}

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}
