import { verify as verifyArgon2 } from "@node-rs/argon2";
import { verify as verifyBcrypt } from "@node-rs/bcrypt";
import { isFirebaseScrypt, verifyFirebaseScrypt } from "./firebase-scrypt.ts";
import { inHashingTurn } from "./hashing-turns.ts";

interface HashKind {
  matches(hash: string): boolean;
  verify(password: string, hash: string): Promise<boolean>;
}

/** In the forms that `encrypted_password` may have; new ones are bcrypt. */
const KINDS: readonly HashKind[] = [
  { matches: (hash) => /^\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}$/.test(hash), verify: (password, hash) => verifyBcrypt(password, hash.replace(/^\$2[xy]?\$/, "$2b$")) },
  { matches: (hash) => /^\$argon2(id|i|d)\$v=19\$m=\d+,t=\d+,p=\d+\$/.test(hash), verify: (password, hash) => verifyArgon2(hash, password) },
  { matches: isFirebaseScrypt, verify: verifyFirebaseScrypt },
];

/** Whether the text is a hash that passwords can be checked against. */
export const isPasswordHash = (hash: string): boolean => KINDS.some((kind) => kind.matches(hash));

/** Off the main thread. False for a hash of no known form. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const kind = KINDS.find((candidate) => candidate.matches(hash));
  return kind === undefined ? false : inHashingTurn(() => kind.verify(password, hash)).catch(() => false);
}

/** Salt and digest of a text that nobody knows: bcrypt compares only with what it could have made. */
const NOBODYS = "w/O/4U2gkckU2ij1/qNC2.kP7NR6mxp5VXPAzbEBg2liI/y2CU5KK";

/** Takes as long as checking a password of an account takes, so that the time doesn't tell whether there is one. */
export async function pretendToVerify(password: string, cost: number): Promise<void> {
  await verifyPassword(password, `$2b$${String(cost).padStart(2, "0")}$${NOBODYS}`);
}
