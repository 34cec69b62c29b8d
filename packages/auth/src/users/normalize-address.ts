import { AuthError } from "../auth-error.ts";
import type { AuthConfig } from "../config/auth-options.ts";
import { AUTH_ERRORS } from "../errors.ts";

/** RFC 5321, 4.5.3.1: the longest path, without its brackets, that a server has to take. */
const MAX_LENGTH = 254;
const MAX_LOCAL_LENGTH = 64;
/** What may be in mail: no blanks or control characters, one "@", a domain of labels. Letters of any script (RFC 6531). */
const EMAIL = /^[^\s@<>()[\]\\,;:"\p{C}]+@(?:[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]{0,61}[\p{L}\p{N}\p{M}])?\.)+[\p{L}\p{N}][\p{L}\p{N}\p{M}-]{0,61}$/u;

/**
 * An e-mail address as it is kept: NFC and in lower case, so that one address is one user.
 * @throws BackendError validation_failed, email_address_invalid
 */
export function normalizeEmail(given: string): string {
  const email = given.normalize("NFC").toLowerCase();
  if (email === "") throw new AuthError(AUTH_ERRORS.validationFailed, { message: "An email address is required" });
  if (email.length > MAX_LENGTH || email.indexOf("@") > MAX_LOCAL_LENGTH || !EMAIL.test(email) || email.includes("..") || email.startsWith(".")) {
    throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Unable to validate email address: invalid format" });
  }
  return email;
}

/** How an address is looked up that may be anything: what is no address is nobody's. */
export const lookupEmail = (given: string): string => given.normalize("NFC").toLowerCase();

/** @throws BackendError email_address_not_authorized where the project may send mails only to some */
export function checkAuthorized(email: string, { external }: Pick<AuthConfig, "external">): void {
  const { authorizedAddresses } = external.email;
  if (authorizedAddresses.length > 0 && !authorizedAddresses.includes(email)) throw new AuthError(AUTH_ERRORS.emailAddressNotAuthorized, { message: `Email address "${email}" cannot be used as it is not authorized` });
}

/** E.164, 3 to 15 digits, none of them a leading zero; kept without "+". @throws BackendError validation_failed */
export function normalizePhone(given: string): string {
  const phone = formatPhone(given);
  if (!/^[1-9]\d{1,14}$/.test(phone)) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Invalid phone number format (E.164 required)" });
  return phone;
}

export const formatPhone = (given: string): string => given.replaceAll(/[+\s]/g, "");
