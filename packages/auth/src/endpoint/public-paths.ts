/** Of the endpoints that browsers open, which show no key (`access: "public"`). A test holds them against the table. */
const PUBLIC_PATHS: ReadonlySet<string> = new Set([
  "/health", "/verify", "/authorize", "/callback",
  "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server",
  "/oauth/authorize", "/oauth/token", "/oauth/userinfo", "/oauth/clients/register",
  "/sso/saml/metadata", "/sso/saml/acs",
]);

/** Whether a path below `/auth/v1` is answered without a key, whatever the method. Known before any endpoint is loaded. */
export const isPublicPath = (path: string): boolean => PUBLIC_PATHS.has(path.replace(/\/+$/, ""));
