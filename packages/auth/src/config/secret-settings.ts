/** Settings of a project that the control plane stores sealed and never shows (`Service.secretSettings`). */
export const SECRET_SETTINGS: readonly string[] = [
  "smtp.pass",
  "external.*.secret",
  "external.oidc.*.secret",
  "sms.twilio.authToken",
  "sms.webhook.secrets",
  // Codes that sign somebody in.
  "sms.testOtp",
  "hook.*.secrets",
  "security.captcha.secret",
  "saml.privateKey",
];
