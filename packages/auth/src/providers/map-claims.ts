import type { ExternalProfile } from "../identities/external-profile.ts";
import { toOidcProfile } from "./definitions/oidc.ts";

type Claims = Readonly<Record<string, unknown>>;

/**
 * A custom provider's claims as a profile (internal/api/provider/custom_oauth.go).
 *
 * @param mapping by the name that a claim gets: the name that it has there; or, where it is no text, its value
 * @param allowlist claims that are kept as they are, in `custom_claims`
 */
export function mapClaims(claims: Claims, mapping: Claims, allowlist: readonly string[]): ExternalProfile {
  const mapped: Record<string, unknown> = { ...claims };
  for (const [name, source] of Object.entries(mapping)) {
    if (typeof source !== "string") mapped[name] = source;
    else if (Object.hasOwn(claims, source)) mapped[name] = claims[source];
  }
  const { emails, claims: kept } = toOidcProfile(mapped);
  const custom = Object.fromEntries(allowlist.filter((name) => Object.hasOwn(claims, name)).map((name) => [name, claims[name]]));
  return { emails, claims: { ...kept, ...(Object.keys(custom).length > 0 ? { custom_claims: custom } : {}) } };
}
