import process from "node:process";

/** What a command has to say: to a program, and to somebody at a terminal. */
export interface Answer {
  /** What `--json` prints, on one line. */
  readonly json: unknown;
  readonly text: string;
  /** Default: 0. */
  readonly code?: number;
}

export const sayDone = (json: Readonly<Record<string, unknown>>, text: string): Answer => ({ json, text });

/** @returns the exit code */
export function say({ json, text, code = 0 }: Answer, asJson: boolean): number {
  process.stdout.write(`${asJson ? JSON.stringify(json) : text}\n`);
  return code;
}

/** One column of a table: its title, and what of a row stands in it. */
export type Column<T> = readonly [title: string, of: (row: T) => string | number | boolean | Date | null | undefined];

/** Rows in columns as wide as they need to be; `none` where there is no row. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[], none: string): string {
  if (rows.length === 0) return none;
  const lines = [columns.map(([title]) => title), ...rows.map((row) => columns.map(([, of]) => cell(of(row))))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => (line[index] as string).length)));
  return lines.map((line) => line.map((part, index) => part.padEnd(widths[index] as number)).join("  ").trimEnd()).join("\n");
}

/** Names and values below each other; what has no value is left out. */
export function fields(values: Readonly<Record<string, string | number | boolean | Date | null | undefined>>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  const width = Math.max(...given.map(([name]) => name.length));
  return given.map(([name, value]) => `${name.padEnd(width)}  ${cell(value)}`).join("\n");
}

function cell(value: string | number | boolean | Date | null | undefined): string {
  if (value === null || value === undefined) return "-";
  if (value instanceof Date) return value.toISOString().replace(/\.\d+Z$/, "Z");
  return typeof value === "boolean" ? (value ? "yes" : "no") : String(value).replaceAll(/[\r\n]+/g, " ");
}
