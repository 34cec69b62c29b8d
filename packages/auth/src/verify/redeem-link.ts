import { BackendError } from "@plinth/core";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { html, redirect } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { issueAuthCode } from "../flow-state/flow-state.ts";
import { PKCE_PREFIX } from "../one-time-tokens/one-time-token.ts";
import { errorRedirect } from "../redirects/error-redirect.ts";
import { redirectTargetOf } from "../redirects/redirect-target.ts";
import { codeRedirect, sessionRedirect } from "../redirects/session-redirect.ts";
import type { AuthenticationMethod } from "../sessions/authentication-method.ts";
import { issueSession } from "../sessions/issue-session.ts";
import { confirmationPage } from "./confirmation-page.ts";
import { findToken } from "./find-token.ts";
import { HALF_MESSAGE, type Redeemed, redeemToken } from "./redeem-token.ts";
import { isVerificationType, type VerificationKind, verificationOf, type VerificationType } from "./verification.ts";

/** What a link in a mail says. */
interface Link {
  readonly token: string;
  readonly type: VerificationType;
  /** Checked. */
  readonly redirectTo: string;
  readonly isPkce: boolean;
}

/** The button of the page posts a form without fields: everything is in the address. */
export const isForm = (request: Request): boolean => (request.headers.get("content-type") ?? "").toLowerCase().startsWith("application/x-www-form-urlencoded");

/** The page with the button; nothing is used up. A link that is void leads on at once, with an error. */
export async function showLink(call: AuthCall): Promise<Response> {
  const link = await readLink(call);
  return orErrorRedirect(link, async () => {
    await call.db((db) => findToken(call, db, link.type, { hash: link.token }));
    return html(confirmationPage(link));
  });
}

/** Redeems a link, and leads the browser on to the application. */
export async function redeemLink(call: AuthCall): Promise<Response> {
  const link = await readLink(call);
  return orErrorRedirect(link, () => call.db(async (db) => redirect(await targetOf(call, db, link, await redeemToken(call, db, link.type, { hash: link.token })))));
}

/** @throws BackendError validation_failed */
async function readLink(call: AuthCall): Promise<Link> {
  const [token, type] = [call.query.get("token") ?? "", call.query.get("type") ?? ""];
  if (type === "") throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Verify requires a verification type" });
  if (token === "") throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Verify requires a token or a token hash" });
  if (!isVerificationType(type) || verificationOf(type).by === "phone") throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Invalid email verification type" });
  return { token, type, redirectTo: await redirectTargetOf(call), isPkce: token.startsWith(PKCE_PREFIX) };
}

/** People have come here by a link: they are told by the application. */
async function orErrorRedirect({ redirectTo, isPkce }: Link, work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    return redirect(errorRedirect(redirectTo, error, isPkce));
  }
}

async function targetOf(call: AuthCall, db: AuthTransaction, { redirectTo, isPkce, type }: Link, { user, kind, isHalf }: Redeemed): Promise<string> {
  if (isHalf) return messageRedirect(redirectTo, isPkce);
  if (isPkce) return codeRedirect(redirectTo, await codeOf(call, db, user.row.id, METHODS[kind]));
  return sessionRedirect(redirectTo, await issueSession(call, db, user, "otp"), type === "email" ? kind : type);
}

/** How flows are called that began with a mail. */
const METHODS: Readonly<Record<VerificationKind, AuthenticationMethod>> = {
  signup: "email/signup", invite: "invite", recovery: "recovery", magiclink: "magiclink", email_change: "email_change", sms: "otp", phone_change: "otp",
};

/** For who began: the user's latest request of the kind, whose token this is, since a newer one takes the place of the older. */
async function codeOf(call: AuthCall, db: AuthTransaction, userId: string, method: AuthenticationMethod): Promise<string> {
  const flow = await db.selectFrom("auth.flow_state").select(["id", "code_challenge"]).where("user_id", "=", userId).where("authentication_method", "=", method).orderBy("created_at", "desc").limit(1).executeTakeFirst();
  if (flow === undefined || flow.code_challenge === null) throw new AuthError(AUTH_ERRORS.flowStateNotFound, { status: 400, message: "No associated flow state found. No valid flow state found for user." });
  return issueAuthCode(call, db, flow.id, userId);
}

function messageRedirect(target: string, isPkce: boolean): string {
  const url = new URL(target);
  if (isPkce) url.searchParams.set("message", HALF_MESSAGE);
  url.hash = new URLSearchParams({ message: HALF_MESSAGE, sb: "" }).toString();
  return url.href;
}
