import type { AuthCall } from "../endpoint/auth-call.ts";

/**
 * Where a browser is sent in the end: what the request asks for (`redirect_to`, else the header Referer), where that is the
 * site's or allowed; else the site itself. Never anywhere else: an open redirect gives away tokens.
 */
export async function redirectTargetOf(call: AuthCall, asked: string | null = call.query.get("redirect_to") ?? call.request.headers.get("redirect_to")): Promise<string> {
  const site = await siteUrlOf(call);
  for (const candidate of [asked, call.request.headers.get("referer")]) {
    if (candidate && isAllowedRedirect(candidate, site, call.config.uriAllowList)) return candidate;
  }
  return site;
}

/** The application's address; where none is set, the backend's own. */
export const siteUrlOf = async ({ config, baseUrl }: Pick<AuthCall, "config" | "baseUrl">): Promise<string> => config.siteUrl ?? new URL(await baseUrl()).origin;

const LOOPBACK = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;
/** What scripts or files would be run from. */
const NEVER: ReadonlySet<string> = new Set(["javascript:", "data:", "vbscript:", "file:", "blob:", "about:"]);

/**
 * An address of the site's host, or one that a pattern allows: `*` stands for anything but `.` and `/`, `**` for anything,
 * `?` for one character, as in GoTrue (internal/utilities/request.go).
 */
export function isAllowedRedirect(target: string, siteUrl: string, allowList: readonly string[]): boolean {
  if (!URL.canParse(target) || /[\p{C}\\]/u.test(target)) return false;
  const url = new URL(target);
  if (NEVER.has(url.protocol) || url.username !== "" || url.password !== "") return false;
  const site = new URL(siteUrl);
  if (url.host === site.host && (url.protocol === "https:" || url.protocol === "http:")) return true;
  // Numbers for hosts are taken for the machine alone: a pattern is about names.
  if (/^\d+\.\d+\.\d+\.\d+$|^\[/.test(url.hostname) && !LOOPBACK.test(url.hostname)) return false;
  const [bare = ""] = target.split("#");
  return allowList.some((pattern) => matches(pattern, bare));
}

/** "." separates as "/" does. */
function matches(pattern: string, target: string): boolean {
  const source = pattern.replaceAll(/\*\*|\*|\?|[^*?]+/g, (part) => (part === "**" ? "[\\s\\S]*" : part === "*" ? "[^./]*" : part === "?" ? "[^./]" : part.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")));
  return new RegExp(`^(?:${source})$`).test(target);
}
