/** What is logged beside the message: plain data. */
export type LogFields = Readonly<Record<string, unknown>>;

type Log = (fields: LogFields, message: string) => void;

/** Where log lines go: pino's own loggers fit, and so does anything of this shape. */
export interface Logger {
  readonly debug: Log;
  readonly info: Log;
  readonly warn: Log;
  readonly error: Log;
  /** A logger whose lines have these fields as well. */
  child(bindings: Record<string, unknown>): Logger;
}

/** Which of a logger's levels lines are written at. */
export type LogLevel = "debug" | "info" | "warn" | "error";
