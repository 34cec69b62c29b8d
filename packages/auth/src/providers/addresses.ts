import { isIP } from "node:net";
import { isPublicAddress } from "@plinth/core";
import type { AuthOptions } from "../config/auth-options.ts";

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

/** What is seen to be no address on the public network, without asking a name server. */
export function isPrivateAddress({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  return isIP(host) === 0 ? PRIVATE_NAME.test(host) : !isPublicAddress(host);
}

/** Whether the backend itself is reached on the machine alone, as in development: what runs beside it may be led to then. */
export const isOnOwnMachine = ({ externalUrl }: Pick<AuthOptions, "externalUrl">): boolean => externalUrl !== undefined && isLoopback(new URL(externalUrl));
