import { z } from "zod";
import { parseTemplate } from "../mail/template.ts";

// Names are GoTrue's environment variables in camelCase, without the prefix: GOTRUE_SECURITY_REFRESH_TOKEN_REUSE_INTERVAL
// is security.refreshTokenReuseInterval (https://github.com/supabase/auth, internal/conf/configuration.go).
// All times are whole seconds.

const seconds = z.number().int().min(0);
const text = z.string().min(1);
const list = z.array(text);
const flag = (byDefault: boolean) => z.boolean().default(byDefault);

/** A provider of OAuth 2 or OpenID Connect: `external.google`, say. */
const provider = z.strictObject({
  enabled: flag(false),
  /** The first one is used in requests; id_tokens for any of them are taken. */
  clientId: z.union([text.transform((one) => one.split(",").map((id) => id.trim())), list]).default([]),
  secret: z.string().default(""),
  /** Default: the project's own callback, `<externalUrl>/callback`. */
  redirectUri: z.string().optional(),
  /** Base of the provider's addresses, where it is self-hosted or has tenants: GitLab, Azure, Keycloak. For `oidc`-kind ones the issuer. */
  url: z.string().optional(),
  apiUrl: z.string().optional(),
  emailOptional: flag(false),
  skipNonceCheck: flag(false),
});

/** Any further OpenID Connect provider, by a name of its own. */
const oidcProvider = z.strictObject({ ...provider.shape, url: text, scopes: list.default(["openid", "email", "profile"]), pkce: flag(true) });

const forEachMail = <T extends z.ZodType>(each: T) => z.strictObject({
  invite: each, confirmation: each, recovery: each, emailChange: each, magicLink: each, reauthentication: each,
  passwordChangedNotification: each, emailChangedNotification: each, phoneChangedNotification: each, identityLinkedNotification: each,
  identityUnlinkedNotification: each, mfaFactorEnrolledNotification: each, mfaFactorUnenrolledNotification: each,
}).partial();

/** A template that is understood: what is wrong with one is said when it is set, not when a mail is due. */
const template = text.superRefine((source, context) => {
  try {
    parseTemplate(source);
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
  }
});

const notifications = z.strictObject({
  passwordChanged: flag(false), emailChanged: flag(false), phoneChanged: flag(false), identityLinked: flag(false), identityUnlinked: flag(false), mfaFactorEnrolled: flag(false), mfaFactorUnenrolled: flag(false),
}).prefault({});

/** A hook: a function of the project's database (`pg-functions://postgres/<schema>/<function>`), or an HTTPS address. */
const hook = z.strictObject({
  enabled: flag(false),
  uri: z.string().regex(/^(https?:\/\/|pg-functions:\/\/)/, "an https: or pg-functions: URI").optional(),
  /** `v1,whsec_…` of Standard Webhooks, to sign with; several while they change. */
  secrets: list.default([]),
}).prefault({});

const smtp = z.strictObject({
  host: text, port: z.number().int().default(587), user: z.string().optional(), pass: z.string().optional(),
  /** TLS from the first byte. Default: for port 465. Else STARTTLS where the server has it. */
  secure: z.boolean().optional(),
  adminEmail: text,
  senderName: z.string().default(""),
});

const twilio = z.strictObject({ accountSid: text, authToken: text, messageServiceSid: text, /** Default: Twilio's. */ url: z.string().optional() });
const smsWebhook = z.strictObject({ url: z.url(), secrets: list.default([]) });

const CHARACTER_CLASSES = "abcdefghijklmnopqrstuvwxyz:ABCDEFGHIJKLMNOPQRSTUVWXYZ:0123456789:!@#$%^&*()_+-=[]{};'\\\\:\"|<>?,./`~";

export const authOptionsSchema = z.strictObject({
  /** Default: true. False: every endpoint answers 404. */
  enabled: flag(true),
  /** Where mails and providers lead back to: the application. Default: the backend's own address. */
  siteUrl: z.url().optional(),
  /** Further addresses that may be led to, with `*`, `**` and `?` as in globs. */
  uriAllowList: list.default([]),
  /** Under which address the project's `/auth/v1` is reached from outside: links in mails begin with it. Default: the request's own, where it is the machine's or one of the project's domains. */
  externalUrl: z.url().optional(),
  disableSignup: flag(false),
  /**
   * For all projects alone. Where requests go to what projects name: metadata of SAML, addresses of custom providers, hooks
   * and servers of their own settings. `allowPrivateAddresses`: the machine itself and its networks, too. Default: the
   * machine, where `externalUrl` is on it. What the options for all projects name is asked wherever it is.
   */
  outbound: z.strictObject({ allowPrivateAddresses: flag(false) }).prefault({}),

  jwt: z.strictObject({
    exp: seconds.min(1).default(3600), aud: text.default("authenticated"), defaultGroupName: text.default("authenticated"), adminRoles: list.default(["service_role", "supabase_admin"]),
    /** `iss`. Default: the external URL, with /auth/v1. */
    issuer: z.string().optional(),
  }).prefault({}),

  password: z.strictObject({
    minLength: z.number().int().min(1).max(72).default(6),
    /** Classes of characters that a password must have one of each, separated by ":". `true`: lower case, upper case, digits, symbols. */
    requiredCharacters: z.union([z.literal(true).transform(() => CHARACTER_CLASSES), z.string()]).default(""),
    hibp: z.strictObject({ enabled: flag(false), failClosed: flag(false), /** Default: Have I Been Pwned's. */ url: z.url().default("https://api.pwnedpasswords.com") }).prefault({}),
    /** bcrypt's cost. */
    cost: z.number().int().min(4).max(14).default(10),
  }).prefault({}),

  security: z.strictObject({
    refreshTokenRotationEnabled: flag(true),
    refreshTokenReuseInterval: seconds.default(10),
    refreshTokenAllowReuse: flag(false),
    updatePasswordRequireReauthentication: flag(false),
    updatePasswordRequireCurrentPassword: flag(false),
    manualLinkingEnabled: flag(false),
    captcha: z.strictObject({ enabled: flag(false), provider: z.enum(["hcaptcha", "turnstile"]).default("hcaptcha"), secret: z.string().default(""), timeout: seconds.default(10), /** Default: the provider's own. */ url: z.url().optional() }).prefault({}),
  }).prefault({}),

  sessions: z.strictObject({
    timebox: seconds.default(0), inactivityTimeout: seconds.default(0), allowLowAal: seconds.default(0), singlePerUser: flag(false), tags: list.default([]),
  }).prefault({}),

  mailer: z.strictObject({
    autoconfirm: flag(false),
    allowUnverifiedEmailSignIns: flag(false),
    secureEmailChangeEnabled: flag(true),
    otpExp: seconds.default(86_400),
    otpLength: z.number().int().min(6).max(10).default(6),
    /** A link is only redeemed by a button on the page that it opens, so that scanners of mails don't use it up. False: at once, as GoTrue does. */
    confirmLinks: flag(true),
    subjects: forEachMail(template).prefault({}),
    /** HTML with GoTrue's variables: `{{ .ConfirmationURL }}`, `{{ .Token }}`, `{{ .TokenHash }}`, `{{ .SiteURL }}`, `{{ .RedirectTo }}`, `{{ .Email }}`, `{{ .NewEmail }}`, `{{ .Data.x }}`. */
    templates: forEachMail(template).prefault({}),
    /** Paths of links, below the external URL, or whole addresses of the application's own pages. Default: "/verify". */
    urlPaths: forEachMail(text).prefault({}),
    notifications,
  }).prefault({}),
  /** Undefined: mails are only logged, with their links. */
  smtp: smtp.optional(),
  /** Least time between two mails to one user. */
  smtpMaxFrequency: seconds.default(60),

  sms: z.strictObject({
    autoconfirm: flag(false), maxFrequency: seconds.default(60), otpExp: seconds.default(60), otpLength: z.number().int().min(6).max(10).default(6),
    template: template.default("Your code is {{ .Code }}"),
    /** Numbers with a code that always holds, for tests of an application: `{ "15550001": "123456" }`. */
    testOtp: z.record(text, text).default({}),
    testOtpValidUntil: z.iso.datetime().optional(),
    /** `log`: messages are only logged. */
    provider: z.enum(["twilio", "webhook", "log"]).optional(),
    twilio: twilio.optional(), webhook: smsWebhook.optional(),
  }).prefault({}),

  external: z.strictObject({
    email: z.strictObject({ enabled: flag(true), magicLinkEnabled: flag(true), authorizedAddresses: list.default([]) }).prefault({}),
    phone: z.strictObject({ enabled: flag(false) }).prefault({}),
    anonymousUsers: z.strictObject({ enabled: flag(false) }).prefault({}),
    web3Solana: z.strictObject({ enabled: flag(false), maximumValidityDuration: seconds.default(600) }).prefault({}),
    web3Ethereum: z.strictObject({ enabled: flag(false), maximumValidityDuration: seconds.default(600) }).prefault({}),
    apple: provider.prefault({}), azure: provider.prefault({}), bitbucket: provider.prefault({}), discord: provider.prefault({}), facebook: provider.prefault({}), figma: provider.prefault({}),
    github: provider.prefault({}), gitlab: provider.prefault({}), google: provider.prefault({}), kakao: provider.prefault({}), keycloak: provider.prefault({}), linkedinOidc: provider.prefault({}),
    notion: provider.prefault({}), slackOidc: provider.prefault({}), spotify: provider.prefault({}), twitch: provider.prefault({}), wechat: provider.prefault({}), x: provider.prefault({}), zoom: provider.prefault({}),
    /** Further OpenID Connect providers, by the name that `authorize?provider=` takes. */
    oidc: z.record(z.string().regex(/^[a-z][a-z0-9_-]{0,40}$/), oidcProvider).default({}),
    allowedIdTokenIssuers: list.default([]),
    iosBundleId: z.string().default(""),
    flowStateExpiryDuration: seconds.default(300),
  }).prefault({}),
  customOauth: z.strictObject({ enabled: flag(true), maxProviders: z.number().int().min(0).default(0) }).prefault({}),

  mfa: z.strictObject({
    challengeExpiryDuration: seconds.default(300), factorExpiryDuration: seconds.default(300), maxEnrolledFactors: z.number().int().default(10), maxVerifiedFactors: z.number().int().default(10),
    totp: z.strictObject({ enrollEnabled: flag(true), verifyEnabled: flag(true) }).prefault({}),
    phone: z.strictObject({ enrollEnabled: flag(false), verifyEnabled: flag(false), otpLength: z.number().int().min(6).max(10).default(6), maxFrequency: seconds.default(60), template: template.default("Your code is {{ .Code }}") }).prefault({}),
    webAuthn: z.strictObject({ enrollEnabled: flag(false), verifyEnabled: flag(false) }).prefault({}),
  }).prefault({}),
  webauthn: z.strictObject({
    /** The application's domain. Default: the host of `siteUrl`. */
    rpId: z.string().optional(),
    rpDisplayName: z.string().optional(),
    /** Default: the origin of `siteUrl`. */
    rpOrigins: list.optional(),
    challengeExpiryDuration: seconds.default(300),
  }).prefault({}),
  passkey: z.strictObject({ enabled: flag(false), maxPasskeysPerUser: z.number().int().default(10) }).prefault({}),

  saml: z.strictObject({
    enabled: flag(false),
    /** RSA, 2048 bits or more: PKCS#8 PEM, or PKCS#1 DER as base64 as GoTrue takes it. Made and kept, sealed, where absent. */
    privateKey: z.string().optional(),
    relayStateValidityPeriod: seconds.default(120),
    allowEncryptedAssertions: flag(false),
    externalUrl: z.url().optional(),
  }).prefault({}),

  oauthServer: z.strictObject({
    enabled: flag(false), allowDynamicRegistration: flag(false),
    /** The application's page that asks for consent, below `siteUrl`. */
    authorizationPath: text.default("/oauth/consent"),
    authorizationTtl: seconds.default(600), defaultScope: text.default("email"),
  }).prefault({}),

  hook: z.strictObject({
    customAccessToken: hook, sendEmail: hook, sendSms: hook, mfaVerificationAttempt: hook, passwordVerificationAttempt: hook, beforeUserCreated: hook, afterUserCreated: hook,
  }).prefault({}),

  /** How long `auth.audit_log_entries` are kept. 0: for ever. */
  auditLog: z.strictObject({ retention: seconds.default(0) }).prefault({}),

  /** Requests for each address in five minutes, but for `anonymousUsers`, `emailSent` and `smsSent`: in an hour; the last two of the whole project. 0: no limit. */
  rateLimit: z.strictObject({
    emailSent: z.number().min(0).default(30), smsSent: z.number().min(0).default(30), verify: z.number().min(0).default(30), tokenRefresh: z.number().min(0).default(150), sso: z.number().min(0).default(30),
    anonymousUsers: z.number().min(0).default(30), otp: z.number().min(0).default(30), web3: z.number().min(0).default(30), passkey: z.number().min(0).default(30), mfa: z.number().min(0).default(15), oauthDynamicClientRegister: z.number().min(0).default(10),
    /** A header that a proxy of yours sets to the client's address, or adds it to at the end, such as `x-forwarded-for`: of a list the last one counts. Default: the connection's address. */
    header: z.string().optional(),
  }).prefault({}),
});

/** Settings of Auth, as the user writes them: for every project, or in a project's `settings.auth`. */
export type AuthOptions = z.input<typeof authOptionsSchema>;
/** With every default. */
export type AuthConfig = z.output<typeof authOptionsSchema>;
