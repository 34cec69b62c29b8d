import { isIP } from "node:net";
import type { AuthConfig } from "../config/auth-options.ts";

const LOOPBACK = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;

/** On the machine itself. */
export const isLoopback = (url: URL): boolean => LOOPBACK.test(url.hostname);

/** Encrypted, or on the machine itself. Undefined for whatever else. */
export function providerAddress(address: string): URL | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const isEncrypted = url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url));
  return isEncrypted && url.username === "" && url.password === "" ? url : undefined;
}

const PRIVATE_NAME = /(^|\.)(localhost|local|internal|home\.arpa)$/;
const PRIVATE_IPV4 = /^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./;
const PRIVATE_IPV6 = /^(::1?$|::ffff:|64:ff9b:|f[cd]|fe[89ab])/i;

/** An address in a network of its own (RFC 1918, 3927, 4193, 6598 …), which a row of a project must not lead to. */
export function isPrivateAddress({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  return isIP(host) === 0 ? PRIVATE_NAME.test(host) : PRIVATE_IPV4.test(host) || PRIVATE_IPV6.test(host);
}

/** Whether the backend itself is reached on the machine alone, as in development: what runs beside it may be led to then. */
export const isOnOwnMachine = ({ externalUrl }: Pick<AuthConfig, "externalUrl">): boolean => externalUrl !== undefined && isLoopback(new URL(externalUrl));
