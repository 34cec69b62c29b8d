import { hash as bcrypt } from "@node-rs/bcrypt";
import { AuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { inHashingTurn } from "./hashing-turns.ts";

/** bcrypt reads no more of a password. */
export const MAX_PASSWORD_BYTES = 72;

/**
 * bcrypt, on libuv's threads: the event loop goes on.
 * @param cost 4 to 14; 10 takes about 50 ms of processor time
 * @throws BackendError validation_failed for a password of more than 72 bytes
 */
export async function hashPassword(password: string, cost: number): Promise<string> {
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Password cannot be longer than 72 characters" });
  return inHashingTurn(() => bcrypt(password, { cost }));
}
