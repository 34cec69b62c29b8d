import { normalizeDomain } from "@plinth/core";
import { z } from "zod";

/** Which projects hosts name. Domains registered with `backend.projects.domains(ref)` count in any case. */
export interface DomainsOptions {
  /** Domain whose labels are refs: with "api.example.com", requests to acme.api.example.com are for the project acme. Default: none. */
  readonly base?: string;
  /**
   * Domain whose labels are refs, for sites alone: with "sites.example.com", acme.sites.example.com is the site of the project
   * acme, and no API is there. Best one of its own, so that sites have no cookies in common with anything else.
   * Default: "assets." before `base`, where there is one. `false`: none.
   */
  readonly assets?: string | false;
}

const base = z.string().transform((text, context) => {
  const domain = normalizeDomain(text);
  if (domain === undefined) context.addIssue({ code: "custom", message: "must be a domain such as api.example.com" });
  return domain;
});

const schema = z.strictObject({ base: base.optional(), assets: z.union([z.literal(false), base]).optional() }).default({});

export const domainsOptionsSchema = schema.transform(({ base: domain, assets = domain === undefined ? false : `assets.${domain}` }, context) => {
  if (assets !== false && assets === domain) context.addIssue({ code: "custom", path: ["assets"], message: "must be another domain than base, so that sites don't share an origin with the API" });
  return { ...(domain === undefined ? {} : { base: domain }), ...(assets === false ? {} : { assets }) };
});
