const OF_METHOD: Readonly<Record<string, string>> = {
  GET: "rest.read",
  HEAD: "rest.read",
  POST: "rest.insert",
  PUT: "rest.upsert",
  PATCH: "rest.update",
  DELETE: "rest.delete",
  OPTIONS: "rest.info",
};

/** What a request asks of this service, by its form alone; named after PostgREST's actions. */
export function operation(method: string, path: string): string {
  if (path.startsWith("/rpc/") && method !== "OPTIONS") return "rest.call";
  if (path === "/" && method === "GET") return "rest.inspect";
  return OF_METHOD[method] ?? "rest.other";
}
