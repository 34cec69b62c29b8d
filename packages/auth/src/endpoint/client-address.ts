import { isIP } from "node:net";
import { remoteAddressOf } from "@plinth/core";
import type { AuthConfig } from "../config/auth-options.ts";

/**
 * The address that a request comes from: that in the header which a proxy of the project's sets, where one is named; else
 * the connection's. Of a list the last one counts: a proxy adds it at the end, and the others are what the client wrote.
 * Undefined in process.
 */
export function clientAddress(request: Request, { rateLimit: { header } }: Pick<AuthConfig, "rateLimit">): string | undefined {
  const named = header === undefined ? undefined : request.headers.get(header)?.split(",").at(-1)?.trim();
  const address = named ? withoutPort(named) : remoteAddressOf(request);
  return address !== undefined && isIP(address) !== 0 ? address.replace(/^::ffff:(?=\d+\.)/i, "") : undefined;
}

/** `[2001:db8::1]:443`, `192.0.2.1:443` */
const withoutPort = (text: string): string => text.replace(/^\[(.+)\](:\d+)?$/, "$1").replace(/^([\d.]+):\d+$/, "$1");
