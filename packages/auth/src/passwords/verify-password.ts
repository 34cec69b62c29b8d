import { verify as verifyArgon2 } from "@node-rs/argon2";
import { verify as verifyBcrypt } from "@node-rs/bcrypt";
import { isFirebaseScrypt, verifyFirebaseScrypt } from "./firebase-scrypt.ts";

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
  return kind === undefined ? false : kind.verify(password, hash).catch(() => false);
}

/** Takes as long as checking a password of an account takes, so that the time doesn't tell whether there is one. */
export async function pretendToVerify(password: string, cost: number): Promise<void> {
  // Of no password: bcrypt's salt and digest are any 53 characters of its alphabet.
  await verifyBcrypt(password, `$2b$${String(cost).padStart(2, "0")}$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234`).catch(() => false);
}
