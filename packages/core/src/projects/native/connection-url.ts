import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";

interface ConnectionParts {
  readonly scheme: string;
  readonly user: string;
  /** Host and port as written; "" for a Unix socket that a parameter names. */
  readonly authority: string;
  readonly database: string;
  readonly parameters: URLSearchParams;
}

export interface Login {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** Not `new URL`: it refuses `postgres://user@/db?host=/var/run/postgresql`, which libpq and pg take. */
const CONNECTION_URL = /^(?<scheme>postgres(?:ql)?):\/\/(?:(?<userinfo>[^/?#]*)@)?(?<authority>[^/?#@]*)(?:\/(?<database>[^?#]*))?(?:\?(?<query>[^#]*))?$/;

/** The same server and parameters, as another user in another database. */
export function withLogin(url: string, login: Login): string {
  const { scheme, authority, parameters } = parse(url);
  for (const name of ["user", "password", "dbname", "database"]) parameters.delete(name);
  const query = parameters.toString();
  const [user, password, database] = [login.user, login.password, login.database].map(encodeURIComponent);
  return `${scheme}://${user}:${password}@${authority}/${database}${query && `?${query}`}`;
}

/** The same login and server, another database. */
export function withDatabase(url: string, database: string): string {
  const { parameters } = parse(url);
  for (const name of ["dbname", "database"]) parameters.delete(name);
  const query = parameters.toString();
  const beforeQuery = url.split("?")[0] as string;
  const server = /^[^:]+:\/\/[^/]*/.exec(beforeQuery)?.[0] ?? beforeQuery;
  return `${server}/${encodeURIComponent(database)}${query && `?${query}`}`;
}

/** e.g. `db.example.com:5432`: tells servers apart. */
export function serverOf(url: string): string {
  const { authority, parameters } = parse(url);
  const host = parameters.get("host") ?? authority;
  const port = parameters.get("port");
  return port === null ? host : `${host}:${port}`;
}

/** Who logs in, and to which database. */
export function describeUrl(url: string): { user: string; database: string } {
  const { user, database } = parse(url);
  return { user, database: database || user };
}

/** @throws BackendError PLINTH_CONFIG_INVALID; its words never hold the URL, which has a password in it */
function parse(url: string): ConnectionParts {
  const { scheme, userinfo, authority, database, query } = CONNECTION_URL.exec(url)?.groups ?? {};
  if (scheme === undefined) {
    throw new BackendError(CORE_ERRORS.configInvalid, {
      message: "A database URL must have the form postgres://login:password@host:port/database.",
      hint: "Characters like @ / : # ? in the password have to be percent-encoded.",
    });
  }
  const parameters = new URLSearchParams(query);
  const user = parameters.get("user") ?? decodeURIComponent((userinfo ?? "").split(":")[0] as string);
  return { scheme, user, authority: authority ?? "", database: decodeURIComponent(database ?? ""), parameters };
}
