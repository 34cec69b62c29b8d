/** Where a site is seen by its client. */
export interface Place {
  /** The path that the client has before the site's own; "" at a host of the site's own. */
  readonly base: string;
  /** `alone`: nothing else is at the origin. `shared`: the API is as well. */
  readonly origin: "alone" | "shared";
}

/**
 * Of documents on an origin that has the API as well: their scripts run, but as those of an origin of its own, which has
 * neither cookies nor storage, so that they can do nothing in the name of whoever looks at them.
 */
export const SANDBOX = "sandbox allow-scripts allow-forms allow-modals allow-popups allow-downloads allow-presentation";

/** The headers of `_headers` that reach no further than the file itself. */
const HARMLESS: ReadonlySet<string> = new Set(["cache-control", "cdn-cache-control", "content-disposition", "content-language", "content-security-policy", "cross-origin-resource-policy", "link", "referrer-policy", "x-frame-options", "x-robots-tag"]);

/** Whether a file may set a header: on a shared origin not those that are about the whole of it (Clear-Site-Data, Service-Worker-Allowed, HSTS). */
export const maySet = (name: string, { origin }: Pick<Place, "origin">): boolean => origin === "alone" || HARMLESS.has(name) || name.startsWith("access-control-");
