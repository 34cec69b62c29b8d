import { type FlagValues, port, text, toggle, withDefault } from "./flags.ts";

const DEFAULT_PORT = 54_321;

/** What `plinth dev` and `plinth doctor` share. */
export const SERVER_FLAGS = {
  port: withDefault(port(`Port to listen on (default ${DEFAULT_PORT}; 0 takes a free one)`), DEFAULT_PORT),
  host: withDefault(text("HOST", "Address to listen on (default 127.0.0.1)"), "127.0.0.1"),
  data: text("DIR", "Folder of the embedded databases and the master key (default ./.plinth)"),
  databaseUrl: text("URL", "PostgreSQL >= 15 to run on instead of the embedded database"),
  dbPort: withDefault(port("Port on 127.0.0.1 where psql reaches the embedded database (default: a free one)"), 0),
  migrations: text("DIR", "Folder of *.sql files to apply in order, once (default ./migrations, where it exists)"),
  config: text("FILE", "Module whose default export is BackendOptions (default ./plinth.config.ts or .mjs, where one exists)"),
  json: toggle("Answer with one line of JSON"),
};

export type ServerFlags = FlagValues<typeof SERVER_FLAGS>;
