/** Where clients reach the API. */
export interface ApiServer {
  readonly scheme: "http" | "https";
  /** With its port, also where that is the scheme's own. */
  readonly host: string;
  readonly basePath: string;
}

const DEFAULT_PORTS = { http: "80", https: "443" };

/**
 * @param url absolute, http or https: where the API is, or openapi-server-proxy-uri where that is known to clients by another name
 */
export const apiServer = (url: string): ApiServer => {
  const { protocol, hostname, port, pathname } = new URL(url);
  const scheme = protocol === "https:" ? "https" : "http";
  return { scheme, host: `${hostname}:${port || DEFAULT_PORTS[scheme]}`, basePath: pathname };
};
