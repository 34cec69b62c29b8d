import { createHash } from "node:crypto";
import type { OutboundFetch } from "@plinth/core";
import type { AuthConfig } from "../config/auth-options.ts";
import { AuthError, type WeakPasswordReason } from "../auth-error.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { MAX_PASSWORD_BYTES } from "./hash-password.ts";

/** A breach's list of hashes is asked for within this time, in milliseconds. */
const BREACH_TIMEOUT = 5_000;

/**
 * Whether a password may be set.
 * @throws BackendError weak_password with what it lacks; validation_failed for one of more than 72 bytes
 */
export async function checkPassword(password: string, { config: { password: rules }, auth: { outbound }, signal }: Pick<AuthCall, "config" | "auth" | "signal">): Promise<void> {
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Password cannot be longer than 72 characters" });
  const problems: Array<readonly [WeakPasswordReason, string]> = [];
  if ([...password].length < rules.minLength) problems.push(["length", `Password should be at least ${rules.minLength} characters.`]);
  const lacking = characterClasses(rules.requiredCharacters).filter((characters) => ![...password].some((one) => characters.includes(one)));
  if (lacking.length > 0) problems.push(["characters", `Password should contain at least one character of each: ${characterClasses(rules.requiredCharacters).join(", ")}.`]);
  if (problems.length === 0 && rules.hibp.enabled && (await isBreached(outbound.fetchOf(["password", "hibp", "url"]), password, rules.hibp, signal))) {
    problems.push(["pwned", "Password is known to be weak and easy to guess, please choose a different one."]);
  }
  if (problems.length === 0) return;
  throw new AuthError(AUTH_ERRORS.weakPassword, { message: problems.map(([, message]) => message).join(" "), weakPasswordReasons: problems.map(([reason]) => reason) });
}

/** Separated by ":", which is itself written "\:". */
function characterClasses(text: string): readonly string[] {
  if (text === "") return [];
  return text.split(/(?<!\\):/).map((each) => each.replaceAll("\\:", ":").replaceAll("\\\\", "\\"));
}

/** By the first five digits of the SHA-1 alone (k-anonymity): https://haveibeenpwned.com/API/v3#PwnedPasswords */
async function isBreached(fetch: OutboundFetch, password: string, { url, failClosed }: AuthConfig["password"]["hibp"], signal: AbortSignal): Promise<boolean> {
  const digest = createHash("sha1").update(password).digest("hex").toUpperCase();
  const limit = AbortSignal.timeout(BREACH_TIMEOUT);
  try {
    const response = await fetch(new URL(`range/${digest.slice(0, 5)}`, url.endsWith("/") ? url : `${url}/`), { headers: { "add-padding": "true", "user-agent": "plinth" }, signal: AbortSignal.any([limit, signal]) });
    if (!response.ok) throw new Error(`The list of breached passwords answered ${response.status}.`);
    const found = (await response.text()).split("\n").find((line) => line.startsWith(digest.slice(5)));
    return found !== undefined && Number(found.split(":")[1]) > 0;
  } catch (cause) {
    if (!failClosed) return false;
    throw new AuthError(AUTH_ERRORS.unexpectedFailure, { message: "Unable to perform password strength check with HaveIBeenPwned.org.", cause });
  }
}
