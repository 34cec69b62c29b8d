import { decodeJwt } from "jose";
import { AuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";

/** Who a token says it is of: only to choose among issuers that are known, by whose keys it is verified then. @throws BackendError validation_failed */
export function unverifiedIssuer(idToken: string): string {
  try {
    return decodeJwt(idToken).iss ?? "";
  } catch (cause) {
    throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Unable to detect issuer in ID token", cause });
  }
}
