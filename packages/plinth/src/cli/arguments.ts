import { parseArgs } from "node:util";
import { UsageError } from "./command-error.ts";

/** The flags that dev and doctor share, checked. */
export interface CliArguments {
  readonly port: number;
  readonly host: string;
  readonly data: string | undefined;
  readonly databaseUrl: string | undefined;
  /** Where the embedded database listens for psql; 0 takes a free one. */
  readonly dbPort: number;
  readonly migrations: string | undefined;
  readonly config: string | undefined;
  readonly json: boolean;
}

const DEFAULT_PORT = 54_321;

/** @throws UsageError */
export function readArguments(args: string[]): CliArguments {
  const values = parse(args);
  return {
    port: readPort("--port", values.port) ?? DEFAULT_PORT,
    host: values.host ?? "127.0.0.1",
    data: values.data,
    databaseUrl: values["database-url"],
    dbPort: readPort("--db-port", values["db-port"]) ?? 0,
    migrations: values.migrations,
    config: values.config,
    json: values.json ?? false,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: "string" },
        host: { type: "string" },
        data: { type: "string" },
        "database-url": { type: "string" },
        "db-port": { type: "string" },
        migrations: { type: "string" },
        config: { type: "string" },
        json: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\nSee "plinth help".`);
  }
}

function readPort(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new UsageError(`${flag} takes a number from 0 to 65535, not "${text}".`);
  return port;
}
