import { domainToASCII } from "node:url";

/** RFC 1035, 2.3.4. */
const MAX_DOMAIN = 253;
/** RFC 1123, 2.1: letters, digits, dashes, none of them at an end; 63 characters at most. */
const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
/** Two labels at least; the last has a letter, or the whole might be an IPv4 address (WHATWG URL, "ends in a number"). */
const DOMAIN = new RegExp(`^(?:${LABEL}\\.)+(?=[a-z0-9-]*[a-z])${LABEL}$`);
const PLAIN = /^[a-z0-9.-]*$/;
/** ASCII that is in no domain: what a URL parser takes for the end of the host must not get to it. */
const FOREIGN = /[\0-,/:-`{-\x7f]/;
const PORT = /:\d{1,5}$/;

/**
 * A domain as it is stored and compared: lower case, in ASCII (RFC 5891), without port and trailing dot.
 * Undefined for what is none: IP addresses, names of one label, URLs, wildcards, anything too long.
 */
export function normalizeDomain(text: string): string | undefined {
  if (text.length > 1_000) return undefined;
  const host = text.trim().replace(PORT, "").replace(/\.$/, "").toLowerCase();
  if (FOREIGN.test(host)) return undefined;
  const ascii = PLAIN.test(host) ? host : domainToASCII(host);
  return ascii.length <= MAX_DOMAIN && DOMAIN.test(ascii) ? ascii : undefined;
}

/** Host and port of an absolute URL, as they stand there. */
export function authorityOf(url: string): string {
  const start = url.indexOf("://");
  if (start < 0) return "";
  const end = url.indexOf("/", start + 3);
  return end < 0 ? url.slice(start + 3) : url.slice(start + 3, end);
}
