/** What could not be taken over as it was. */
export type ImportProblemCode =
  /** Somebody else in the project has the address: the user is left out. */
  | "email_exists"
  | "phone_exists"
  /** Another user has the identity. */
  | "identity_already_exists"
  /** Of no known form, such as one that GoTrue has encrypted: the user has no password now. */
  | "password_hash_unknown"
  /** GoTrue has encrypted it with a key of its own: the user has lost this second factor. */
  | "totp_secret_unreadable"
  /** A constraint refuses a factor or passkey. */
  | "factor_refused"
  /** A trigger or constraint refuses the user, who is left out. */
  | "database_raised";

export interface ImportProblem {
  readonly userId: string;
  readonly email: string | null;
  readonly code: ImportProblemCode;
  readonly message: string;
}

export interface ImportCounts {
  /** Read so far. */
  readonly read: number;
  readonly imported: number;
  /** Were in the project before, by their ids: left as they are. */
  readonly present: number;
  /** Left out: see the problems. */
  readonly failed: number;
  readonly identities: number;
  readonly factors: number;
  readonly passkeys: number;
}

export interface ImportedUsers extends ImportCounts {
  readonly problems: readonly ImportProblem[];
}

export const NONE_IMPORTED: ImportedUsers = { read: 0, imported: 0, present: 0, failed: 0, identities: 0, factors: 0, passkeys: 0, problems: [] };

/** Both together. */
export function addResults(one: ImportedUsers, other: ImportedUsers): ImportedUsers {
  return {
    read: one.read + other.read, imported: one.imported + other.imported, present: one.present + other.present, failed: one.failed + other.failed,
    identities: one.identities + other.identities, factors: one.factors + other.factors, passkeys: one.passkeys + other.passkeys, problems: [...one.problems, ...other.problems],
  };
}
