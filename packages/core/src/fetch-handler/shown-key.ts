/**
 * The key that a request shows: its `apikey` header, or the parameter of that name where a WebSocket is asked for, since
 * browsers can't give a WebSocket headers, and where nothing has to be shown, since it only says which project is meant
 * there. Anywhere else parameters are the services', and get into logs.
 *
 * @param query without "?"
 */
export function shownKey(request: Request, query: string, isOpen: boolean): string | null {
  const header = request.headers.get("apikey");
  if (header !== null || !query.includes("apikey=")) return header;
  if (!isOpen && request.headers.get("upgrade")?.toLowerCase() !== "websocket") return null;
  return new URLSearchParams(query).get("apikey");
}
