/** What scripts or files would be run from. */
const NEVER: ReadonlySet<string> = new Set(["javascript:", "data:", "file:", "vbscript:", "about:", "blob:"]);
const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);
const LONGEST = 2_048;
const MOST = 10;

/** @returns why a client may not have these; undefined where it may */
export function problemOfRedirectUris(uris: readonly string[]): string | undefined {
  if (uris.length === 0) return "redirect_uris is required";
  if (uris.length > MOST) return `redirect_uris cannot exceed ${MOST} items`;
  for (const uri of uris) {
    const problem = problemOf(uri);
    if (problem !== undefined) return `invalid redirect_uri '${uri}': ${problem}`;
  }
  return undefined;
}

/** RFC 6749, 3.1.2, and OAuth 2.1: absolute, without a fragment, and over TLS unless it stays on the machine. */
function problemOf(uri: string): string | undefined {
  if (uri === "") return "redirect URI cannot be empty";
  if (uri.length > LONGEST) return `longer than ${LONGEST} characters`;
  // They are kept as one text, separated by commas; nothing else that a URI may not have is let in either.
  if (/[\s,\\]|\p{C}/u.test(uri)) return "contains blanks, commas, backslashes or control characters";
  if (!URL.canParse(uri)) return "invalid URL format";
  const url = new URL(uri);
  if (url.host === "" || !uri.includes("://")) return "must have scheme and host";
  if (NEVER.has(url.protocol)) return `scheme '${url.protocol.slice(0, -1)}' is not allowed for security reasons`;
  if (url.username !== "" || url.password !== "") return "credentials are not allowed";
  if (url.protocol === "http:" && !LOOPBACK.has(url.hostname)) return "HTTP scheme only allowed for localhost";
  if (uri.includes("#")) return "fragment not allowed in redirect URI";
  return undefined;
}

/** An address on the machine, apart from its port. */
const ON_LOOPBACK = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?(?=[/?]|$)/;

/**
 * Whether a client has registered the address. Compared as texts, character by character; of an address on the machine any
 * port will do, which an application on it gets when it starts (RFC 8252, 7.3; OAuth 2.1, 4.1.3).
 */
export function isRegisteredRedirectUri(registered: readonly string[], uri: string): boolean {
  return registered.includes(uri) || (ON_LOOPBACK.test(uri) && registered.some((one) => ON_LOOPBACK.test(one) && withoutPort(one) === withoutPort(uri)));
}

const withoutPort = (uri: string): string => uri.replace(ON_LOOPBACK, "http://$1");
