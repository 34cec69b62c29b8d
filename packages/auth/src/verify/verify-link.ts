import { defineEndpoint } from "../endpoint/endpoint.ts";
import { html } from "../endpoint/respond.ts";
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
  handle: async (call) => {
    // Programs that look whether a link is there.
    if (call.request.method === "HEAD") return html("");
    return call.config.mailer.confirmLinks ? showLink(call) : redeemLink(call);
  },
});
