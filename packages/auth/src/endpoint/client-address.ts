import { isIP } from "node:net";
import { remoteAddressOf } from "@plinth/core";
import type { AuthConfig } from "../config/auth-options.ts";

/**
 * The address that a request comes from: the first one in the header that the project trusts, where it names one; else
 * the connection's. Undefined in process.
 */
export function clientAddress(request: Request, { rateLimit: { header } }: Pick<AuthConfig, "rateLimit">): string | undefined {
  const named = header === undefined ? undefined : request.headers.get(header)?.split(",")[0]?.trim();
  const address = named ? named.replace(/^\[(.+)\](:\d+)?$/, "$1") : remoteAddressOf(request);
  return address !== undefined && isIP(address) !== 0 ? address.replace(/^::ffff:/i, "") : undefined;
}
