/**
 * Whether a browser sent it, as far as its headers tell: the name that every browser gives itself, or what only
 * browsers say of where a request comes from and scripts can't change (Fetch Metadata; Node's fetch sends
 * `Sec-Fetch-Mode`, so that one does not count). It guards against mistakes: who has a key and means harm sends others.
 */
export function isFromBrowser(request: Request): boolean {
  return request.headers.get("user-agent")?.startsWith("Mozilla/") === true || request.headers.has("sec-fetch-site") || request.headers.has("sec-fetch-dest");
}
