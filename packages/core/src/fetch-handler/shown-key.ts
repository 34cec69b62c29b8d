/**
 * The key that a request shows: its `apikey` header, or, where a WebSocket is asked for, the parameter of that name,
 * since browsers can't give a WebSocket headers. Anywhere else parameters are the services', and get into logs.
 *
 * @param query without "?"
 */
export function shownKey(request: Request, query: string): string | null {
  const header = request.headers.get("apikey");
  if (header !== null || !query.includes("apikey=") || request.headers.get("upgrade")?.toLowerCase() !== "websocket") return header;
  return new URLSearchParams(query).get("apikey");
}
