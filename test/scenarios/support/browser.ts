/** Follows redirects as a browser does: with cookies for each host, from the backend to providers and back. */
export interface Browser {
  /**
   * Opens an address and goes where it is led to, till it is led to neither the backend nor the machine itself.
   * @returns where it is led to in the end; or the answer that leads nowhere
   */
  open(address: string): Promise<{ readonly location: URL; readonly visited: readonly string[] }>;
}

const MOST = 15;
/** Hosts that stand for the backend. */
const BACKEND: ReadonlySet<string> = new Set(["backend", "localhost"]);

/** @param fetchBackend asks the backend, for the hosts "backend" and "localhost" */
export function createBrowser(fetchBackend: (request: Request) => Promise<Response>): Browser {
  const cookies = new Map<string, Map<string, string>>();
  const visit = async (address: string): Promise<Response> => {
    const { hostname, host } = new URL(address);
    const jar = cookies.get(host) ?? new Map<string, string>();
    cookies.set(host, jar);
    const headers = { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; "), accept: "text/html" };
    const response = await (BACKEND.has(hostname) ? fetchBackend(new Request(address, { headers, redirect: "manual" })) : fetch(address, { headers, redirect: "manual" }));
    for (const line of response.headers.getSetCookie()) {
      const [name = "", value = ""] = (line.split(";")[0] ?? "").split(/=(.*)/s);
      if (value === "" || /expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  };
  return {
    open: async (address) => {
      const visited: string[] = [];
      let next = address;
      for (let step = 0; step < MOST; step++) {
        visited.push(next);
        const response = await visit(next);
        const location = response.headers.get("location");
        if (location === null) throw new Error(`${next} answered ${response.status}: ${await response.text()}`);
        next = new URL(location, next).href;
        const { hostname } = new URL(next);
        if (!BACKEND.has(hostname) && hostname !== "127.0.0.1") return { location: new URL(next), visited };
      }
      throw new Error(`More than ${MOST} redirects: ${visited.join("\n")}`);
    },
  };
}
