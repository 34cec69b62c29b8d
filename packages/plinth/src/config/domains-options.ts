import { normalizeDomain } from "@plinth/core";
import { z } from "zod";

/** Which projects hosts name. Domains registered with `backend.projects.domains(ref)` count in any case. */
export interface DomainsOptions {
  /** Domain whose labels are refs: with "api.example.com", requests to acme.api.example.com are for the project acme. Default: none. */
  readonly base?: string;
}

const base = z.string().transform((text, context) => {
  const domain = normalizeDomain(text);
  if (domain === undefined) context.addIssue({ code: "custom", message: "must be a domain such as api.example.com" });
  return domain;
});

export const domainsOptionsSchema = z.strictObject({ base: base.optional() }).default({});
