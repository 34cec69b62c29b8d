import { defineEndpoint } from "../endpoint/endpoint.ts";
import { redeemLink, showLink } from "./redeem-link.ts";

/**
 * What links in mails open: a page with a button, so that programs that follow links use nothing up; where
 * `mailer.confirmLinks` is false, the link is redeemed at once.
 */
export const verifyLink = defineEndpoint({
  id: "auth.verify.link",
  method: "GET",
  path: "/verify",
  access: "public",
  rateLimit: "verify",
  // HEAD comes here as well.
  handle: (call) => (call.config.mailer.confirmLinks || call.request.method !== "GET" ? showLink(call) : redeemLink(call)),
});
