/** The payload of a verified JWT, or what host code vouches for. Values are JSON. */
export type Claims = Readonly<Record<string, unknown>>;

/**
 * On whose behalf a piece of work touches a project's data. Without one no query compiles.
 * `claims` is what policies read as `request.jwt.claims`; `role` is the PostgreSQL role switched to.
 */
export interface Scope {
  readonly role: string;
  readonly claims?: Claims;
  /** `claims` with its role as JSON text, if the caller has it already (the request path does). */
  readonly claimsJson?: string;
  /**
   * More settings for this transaction only, as `set_config(name, value, is_local => true)`;
   * set before the role, so that what the login role may set it can.
   */
  readonly settings?: ReadonlyArray<readonly [name: string, value: string]>;
  readonly readOnly?: boolean;
  readonly isolation?: IsolationLevel;
  /** Longest that one of its statements may run, in milliseconds; 0 for any length. Default: the connection's. */
  readonly statementTimeoutMs?: number;
  /** When it fires, the running statement is cancelled and the transaction rolled back. */
  readonly signal?: AbortSignal;
}

export type IsolationLevel = "read committed" | "repeatable read" | "serializable";

/** Who a request comes from, after its key and token were verified. */
export interface Caller {
  readonly role: string;
  readonly claims: Claims;
  /** `claims` plus `role`, as JSON text: what `request.jwt.claims` is set to. */
  readonly claimsJson: string;
  /** False when nothing but the anon key (or nothing at all, where that is allowed) was shown. */
  readonly authenticated: boolean;
}
