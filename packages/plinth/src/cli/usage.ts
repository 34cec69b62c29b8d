export const USAGE = `Usage: plinth <command> [options]

Commands
  dev        Serve a backend on a port, with no host application
  doctor     Check this machine and the configuration, and say what is missing
  help       Show this text
  --version  Show the version

Options of dev and doctor
  --port N            Port to listen on (default 54321; 0 takes a free one)
  --host HOST         Address to listen on (default 127.0.0.1)
  --data DIR          Folder of the embedded database and the master key (default ./.plinth)
  --database-url URL  PostgreSQL >= 15 to run on instead of the embedded database
  --db-port N         Port on 127.0.0.1 where psql reaches the embedded database (default: a free one)
  --migrations DIR    Folder of *.sql files to apply in order, once (default ./migrations, where it exists)
  --config FILE       Module whose default export is BackendOptions (default ./plinth.config.ts or .mjs, where one exists)
  --json              dev: print one line of JSON: url, ref, anonKey, serviceRoleKey, jwtSecret, databaseUrl
                      doctor: print the findings as one line of JSON

Flags win over the configuration file, the file over environment variables
(DATABASE_URL, PLINTH_DATA, PLINTH_MASTER_KEY, PLINTH_JWT_SECRET).`;
