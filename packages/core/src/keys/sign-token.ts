import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { Claims } from "../tenant/scope.ts";
import { type HmacSecret, hs256Key, hs256Signature } from "./hs256.ts";

const HEADER = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString("base64url");
const SHORTEST_SECRET = 32;

/**
 * Signs a token for a project's API with the project's secret (HS256), for hosts that know their users already.
 * Times in claims are whole seconds since 1970.
 *
 * @param secret of a project whose secret is base64 (`settings.jwt.secretIsBase64`), its bytes
 * @throws BackendError PLINTH_CONFIG_INVALID where the secret is shorter than 32 bytes
 * @example
 * const token = signToken({ sub: user.id, role: "authenticated", exp: Math.floor(Date.now() / 1000) + 3600 }, project.jwtSecret);
 */
export function signToken(claims: Claims, secret: HmacSecret): string {
  checkSecret(secret);
  const signingInput = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}`;
  return `${signingInput}.${hs256Signature(signingInput, hs256Key(secret))}`;
}

/** RFC 7518, 3.2: a key is no shorter than the hash. */
export function checkSecret(secret: HmacSecret): void {
  const isSecret = typeof secret === "string" || secret instanceof Uint8Array;
  if (!isSecret || Buffer.byteLength(secret) < SHORTEST_SECRET) throw new BackendError(CORE_ERRORS.configInvalid, { message: "A project's JWT secret must be at least 32 characters long." });
}
