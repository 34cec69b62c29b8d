import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { issueAuthCode } from "../flow-state/flow-state.ts";
import { type ExternalProfile, onlyEmail, profileClaims } from "../identities/external-profile.ts";
import { admitted, announceUser, expectUser, signInWithIdentity } from "../identities/sign-in-with-identity.ts";
import { codeRedirect, sessionRedirect } from "../redirects/session-redirect.ts";
import { issueSession } from "../sessions/issue-session.ts";
import type { LoadedUser } from "../users/user.ts";
import { type Assertion, emailOf, mappedClaims, userIdOf } from "./assertion.ts";
import { attributeMappingSchema } from "./provider-settings.ts";
import { useAssertion } from "./relay-state.ts";
import type { SsoProvider } from "./sso-provider.ts";

/** An assertion that holds, and where its browser goes on. */
export interface AssertedSignIn {
  readonly provider: SsoProvider;
  readonly assertion: Assertion;
  /** Checked. */
  readonly redirectTo: string;
  /** With PKCE. */
  readonly flowStateId: string | undefined;
}

/**
 * Signs in whom an assertion speaks of: a user of the provider's own, whoever else has the same address.
 * @returns where the browser goes, with a code or a session
 */
export async function signInWithAssertion(call: AuthCall, signIn: AssertedSignIn): Promise<string> {
  const { provider, assertion } = signIn;
  const external = { provider: `sso:${provider.row.id}`, profile: profileOf(provider, assertion) };
  const expected = await expectUser(call, external);
  const outcome = await call.db(async (db) => {
    await useAssertion(call, db, { providerId: provider.row.id, assertionId: assertion.id, until: assertion.until });
    const signedIn = await signInWithIdentity(call, db, external, expected);
    return { signedIn, target: "user" in signedIn ? await targetOf(call, db, signedIn.user, signIn) : "" };
  });
  await announceUser(call, admitted(outcome.signedIn));
  return outcome.target;
}

/** @throws BackendError saml_assertion_no_user_id, saml_assertion_no_email */
function profileOf({ saml }: SsoProvider, assertion: Assertion): ExternalProfile {
  const userId = userIdOf(assertion);
  if (userId === undefined) throw new AuthError(AUTH_ERRORS.samlAssertionNoUserId);
  const { sub: _sub, iss: _iss, email_verified: _verified, ...claims } = mappedClaims(assertion, attributeMappingSchema.safeParse(saml.attribute_mapping ?? {}).data ?? {});
  const mapped = typeof claims["email"] === "string" ? claims["email"] : undefined;
  const email = mapped ?? emailOf(assertion);
  if (!email) throw new AuthError(AUTH_ERRORS.samlAssertionNoEmail);
  return { emails: onlyEmail(email, true), claims: profileClaims(userId, { ...told(claims), iss: saml.entity_id, email, email_verified: true }) };
}

/** Claims with a name are GoTrue's own; whatever else a mapping names is the application's (`custom_claims`). */
const STANDARD: ReadonlySet<string> = new Set([
  "name", "family_name", "given_name", "middle_name", "nickname", "preferred_username", "profile", "picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at",
  "email", "phone", "full_name", "avatar_url", "slug", "provider_id", "user_name", "role",
]);

function told(claims: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const [standard, custom] = [true, false].map((isStandard) => Object.fromEntries(Object.entries(claims).filter(([name]) => STANDARD.has(name) === isStandard)));
  return { ...standard, ...(Object.keys(custom!).length > 0 ? { custom_claims: custom } : {}) };
}

async function targetOf(call: AuthCall, db: AuthTransaction, user: LoadedUser, { assertion, redirectTo, flowStateId }: AssertedSignIn): Promise<string> {
  const notAfter = assertion.sessionNotOnOrAfter === undefined ? undefined : new Date(assertion.sessionNotOnOrAfter);
  if (flowStateId === undefined) return sessionRedirect(redirectTo, await issueSession(call, db, user, "sso/saml", { notAfter }));
  const code = await issueAuthCode(call, db, flowStateId, user.row.id);
  await db.updateTable("auth.flow_state").set({ session_not_after: notAfter ?? null }).where("id", "=", flowStateId).execute();
  return codeRedirect(redirectTo, code);
}
