import { lookup } from "node:dns/promises";
import { AuthError } from "../../auth-error.ts";
import type { AuthConfig } from "../../config/auth-options.ts";
import { AUTH_ERRORS } from "../../errors.ts";
import { isLoopback, isOnOwnMachine, isPrivateAddress } from "../../providers/addresses.ts";

/**
 * Refuses addresses that a project's administrator must not send the backend to: unencrypted ones, and those of the
 * machine and the networks that it is in. Where the backend itself is reached on the machine alone, as in development, the
 * machine is let through.
 * @throws BackendError validation_failed
 */
export async function checkOutsideAddress(address: string, config: Pick<AuthConfig, "externalUrl">): Promise<void> {
  if (!URL.canParse(address)) throw refused("Invalid URL format");
  const url = new URL(address);
  if (url.username !== "" || url.password !== "") throw refused("URL must not have a user name or password");
  if (isLoopback(url) && isOnOwnMachine(config)) return;
  if (url.protocol !== "https:") throw refused("URL must use HTTPS");
  if (isPrivateAddress(url)) throw refused("URL cannot point to localhost, loopback or private addresses");
  for (const found of await resolve(url.hostname.replace(/^\[|\]$/g, ""))) {
    const host = found.family === 6 ? `[${found.address}]` : found.address;
    if (isPrivateAddress(new URL(`https://${host}`))) throw refused("URL cannot resolve to loopback or private addresses");
  }
}

async function resolve(hostname: string): Promise<ReadonlyArray<{ readonly address: string; readonly family: number }>> {
  try {
    return await lookup(hostname, { all: true });
  } catch (cause) {
    throw refused("Unable to resolve hostname", cause);
  }
}

const refused = (message: string, cause?: unknown): AuthError => new AuthError(AUTH_ERRORS.validationFailed, { message, cause });
