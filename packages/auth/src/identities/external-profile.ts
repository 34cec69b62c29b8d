import type { Metadata } from "../users/user.ts";

/** An address that a provider says is the user's. */
export interface ProviderEmail {
  readonly address: string;
  /** Whether the provider has made sure of it. Only such addresses link users. */
  readonly verified: boolean;
  readonly primary: boolean;
}

/** `identity_data`, with GoTrue's names (internal/api/provider/provider.go: Claims). */
export interface ProfileClaims extends Metadata {
  /** The user's id at the provider. */
  readonly sub: string;
}

/** What a provider says of a user. */
export interface ExternalProfile {
  readonly emails: readonly ProviderEmail[];
  readonly claims: ProfileClaims;
}

/** Claims that have a value: a provider's empty texts say nothing. */
export function profileClaims(sub: string, claims: Metadata): ProfileClaims {
  const told = Object.entries(claims).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return { ...Object.fromEntries(told), sub, provider_id: sub, phone_verified: claims["phone_verified"] === true };
}

/** One address as the only one; none where there is none. */
export const onlyEmail = (address: string | null | undefined, verified: boolean): readonly ProviderEmail[] => (address ? [{ address, verified, primary: true }] : []);

/** Longest that `auth.users.email` takes. */
const MAX_LENGTH = 254;

/** Addresses in the form in which they are kept; those that can't be kept are left out. */
const kept = (emails: readonly ProviderEmail[]): readonly ProviderEmail[] =>
  emails.map((email) => ({ ...email, address: email.address.trim().normalize("NFC").toLowerCase() })).filter(({ address }) => address !== "" && address.length <= MAX_LENGTH && !/[\s\p{C}]/u.test(address));

/** The profile as it is kept: with the address that stands for the user, the primary one where there is one. */
export function withChosenEmail({ emails, claims }: ExternalProfile): ExternalProfile & { readonly email: ProviderEmail | undefined } {
  const known = kept(emails);
  const email = known.find(({ primary }) => primary) ?? known.find(({ verified }) => verified) ?? known[0];
  const { email: _told, email_verified: _said, ...others } = claims;
  return { emails: known, email, claims: { ...others, sub: claims.sub, ...(email ? { email: email.address } : {}), email_verified: email?.verified ?? false } };
}
