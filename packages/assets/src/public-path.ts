/** Below the service's prefix: where files are read, and where they are administered. */
const PUBLIC = "/v1";
const ADMIN = "/admin/v1";

const below = (path: string, prefix: string): string | undefined => {
  if (!path.startsWith(prefix)) return undefined;
  return path.length === prefix.length || path[prefix.length] === "/" ? path.slice(prefix.length) : undefined;
};

/** The path of a file, "" or beginning with "/"; undefined where it is none. */
export const publicPath = (path: string): string | undefined => below(path, PUBLIC);

export const adminPath = (path: string): string | undefined => below(path, ADMIN);

/** The project that a public path begins with, where no host or key names one: `/v1/acme/…` is acme's. */
export const refInPath = (path: string): string | undefined => /^\/v1\/([a-z][a-z0-9-]{0,39})(?:\/|$)/.exec(path)?.[1];
