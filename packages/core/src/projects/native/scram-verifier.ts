import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

/** PostgreSQL's own default. The passwords are random, so more would only make logging in slower. */
const ITERATIONS = 4096;

/**
 * What PostgreSQL stores of a password under SCRAM-SHA-256 (RFC 5803). Given in place of the password, it keeps the
 * password out of the server's log and statistics, and makes it SCRAM whatever `password_encryption` is.
 * https://www.postgresql.org/docs/current/catalog-pg-authid.html
 *
 * @param password ASCII: SASLprep is left out
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, "sha256");
  const keyOf = (name: string): Buffer => createHmac("sha256", salted).update(name).digest();
  const storedKey = createHash("sha256").update(keyOf("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString("base64")}$${storedKey}:${keyOf("Server Key").toString("base64")}`;
}
