import { lookup } from "node:dns/promises";
import { isWithinReach, type OutboundReach } from "@plinth/core";
import { AuthError } from "../../auth-error.ts";
import { AUTH_ERRORS } from "../../errors.ts";
import { isLoopback, isPrivateAddress } from "../../providers/addresses.ts";

/**
 * Refuses addresses that a project's administrator must not send the backend to: unencrypted ones, and those out of the
 * project's reach, so that what is wrong is said when it is set. Where a name leads by the time that it is asked is looked
 * at again then.
 * @throws BackendError validation_failed
 */
export async function checkOutsideAddress(address: string, reach: OutboundReach): Promise<void> {
  if (!URL.canParse(address)) throw refused("Invalid URL format");
  const url = new URL(address);
  if (url.username !== "" || url.password !== "") throw refused("URL must not have a user name or password");
  if (isLoopback(url) && reach !== "public") return;
  if (url.protocol !== "https:") throw refused("URL must use HTTPS");
  if (reach === "anywhere") return;
  if (isPrivateAddress(url)) throw refused("URL cannot point to localhost, loopback or private addresses");
  const found = await resolve(url.hostname.replace(/^\[|\]$/g, ""));
  if (found.some(({ address: each }) => !isWithinReach(reach, each))) throw refused("URL cannot resolve to loopback or private addresses");
}

async function resolve(hostname: string): Promise<ReadonlyArray<{ readonly address: string }>> {
  try {
    return await lookup(hostname, { all: true });
  } catch (cause) {
    throw refused("Unable to resolve hostname", cause);
  }
}

const refused = (message: string, cause?: unknown): AuthError => new AuthError(AUTH_ERRORS.validationFailed, { message, cause });
