import type { Caller, Tenant } from "@plinth/core";
import type { AuthConfig } from "../config/auth-options.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { LoadedSession } from "../sessions/session.ts";
import type { TenantAuth } from "../tenant-auth.ts";
import type { LoadedUser } from "../users/user.ts";
import type { AfterCommit } from "./after-commit.ts";

/** A request on its way through an endpoint: whose project, with which settings, from whom and where. */
export interface AuthCall {
  readonly tenant: Tenant;
  /** What the service keeps for the project. */
  readonly auth: TenantAuth;
  readonly config: AuthConfig;
  readonly request: Request;
  readonly requestId: string;
  /** Who the key or token speaks for. */
  readonly caller: Caller;
  readonly query: URLSearchParams;
  /** Parts of the path that the endpoint names, decoded: `{ factorId }`. */
  readonly params: Readonly<Record<string, string>>;
  /** The client's address, where it is known. */
  readonly ip: string | undefined;
  readonly userAgent: string | undefined;
  /** The audience that is asked for: the header X-JWT-AUD, else the token's, else the project's. */
  readonly aud: string;
  readonly signal: AbortSignal;
  /** Runs `work` in one transaction on the schema `auth`. */
  db<T>(work: (db: AuthTransaction) => Promise<T>): Promise<T>;
  /**
   * Has something done once this transaction of `db()` is committed, before `db()` resolves; where that fails `db()`
   * rejects, and everything that waited for this transaction is undone.
   */
  afterCommit(db: AuthTransaction, effect: AfterCommit): void;
  /**
   * Where the project's `/auth/v1` is reached from outside, without a slash at its end.
   * @throws BackendError external_url_missing where nobody has said, and the request's own host can't be trusted
   */
  baseUrl(): Promise<string>;
  /** `iss` of tokens: the base address, however it is known. */
  issuer(): Promise<string>;
  /**
   * An address below it that is opened without a key: it names the project, where its host alone doesn't.
   * @param path with a slash at its beginning
   */
  link(path: string, parameters?: Readonly<Record<string, string>>): Promise<string>;
}

/** One whose Bearer token is a user's, who is there and not banned. */
export interface UserCall extends AuthCall {
  readonly user: LoadedUser;
  /** Undefined for tokens that somebody else has signed with the project's secret. */
  readonly session: LoadedSession | undefined;
}
