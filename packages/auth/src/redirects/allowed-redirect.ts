import { createGlob } from "./glob.ts";

/** What scripts or files would be run from. */
const NEVER: ReadonlySet<string> = new Set(["javascript:", "data:", "vbscript:", "file:", "blob:", "about:", "filesystem:", "view-source:"]);
const LOOPBACK = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;
const ADDRESS = /^(\d+\.\d+\.\d+\.\d+|\[.*\])$/;
const HOST_NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

/**
 * Whether browsers may be led to an address with what signs in: one of the site's, of the machine itself (RFC 8252, 7.3),
 * or one that a pattern allows (internal/utilities/request.go). What browsers and patterns would read differently (user
 * names, backslashes, hosts that are numbers, …) is never allowed.
 */
export function isAllowedRedirect(target: string, siteUrl: string, allowList: readonly string[]): boolean {
  if (!URL.canParse(target) || /[\p{C}\s\\]/u.test(target)) return false;
  const url = new URL(target);
  if (NEVER.has(url.protocol) || url.username !== "" || url.password !== "") return false;
  const isWeb = url.protocol === "https:" || url.protocol === "http:";
  if (isWeb && !isWrittenPlainly(target, url)) return false;
  if (isOfSite(url, new URL(siteUrl))) return true;
  if (isWeb && ADDRESS.test(url.hostname)) return LOOPBACK.test(url.hostname);
  if (isWeb && !HOST_NAME.test(url.hostname)) return false;
  const [bare = ""] = target.split("#");
  return allowList.some((pattern) => isAllowedBy(pattern, bare, url));
}

/** Scheme, host and port are the site's; where the site is on the machine itself, any port under any of its names. */
function isOfSite(url: URL, site: URL): boolean {
  if (url.protocol !== site.protocol) return false;
  return url.host === site.host || (isThisMachine(url) && isThisMachine(site));
}

const isThisMachine = ({ hostname }: URL): boolean => hostname === "localhost" || LOOPBACK.test(hostname);

/** Begins with scheme and host as a browser will read them: nothing that it would mend or take for something else. */
function isWrittenPlainly(target: string, { protocol, hostname, port }: URL): boolean {
  const [, authority] = /^[a-z]+:\/\/([^/?#]*)/i.exec(target) ?? [];
  const usualPort = protocol === "https:" ? "443" : "80";
  const wanted = port === "" ? [hostname, `${hostname}:${usualPort}`] : [`${hostname}:${port}`];
  return authority !== undefined && wanted.includes(authority.toLowerCase());
}

/** The host must be the pattern's even where no slash ends it: a wildcard there stands for a part of a name, not for a query. */
function isAllowedBy(pattern: string, target: string, { origin }: URL): boolean {
  const glob = createGlob(pattern);
  if (!glob.matches(target)) return false;
  const hasBareQuery = /^[a-z]+:\/\/[^/?]*\?/i.test(target) && origin !== "null";
  return !hasBareQuery || pattern.startsWith(origin) || glob.matches(target.replace("?", "/?"));
}
