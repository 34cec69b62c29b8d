import { randomUUID } from "node:crypto";
import type { TestBackend, TestBackendOptions } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { type ProjectWithKeys, signToken } from "plinth";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Endpoint } from "../../packages/auth/src/endpoint/endpoint.ts";
import { ENDPOINTS } from "../../packages/auth/src/endpoints.ts";
import { openNativeOrEmbedded } from "../scenarios/support/open-backend.ts";
import { NATIVE_UNLESS_LONG } from "../support/native-unless-long.ts";

const PASSWORD = "correct horse battery";

/** Everything that can be switched on without asking somebody outside. */
const AUTH: NonNullable<TestBackendOptions["auth"]> = {
  siteUrl: "https://app.example", mailer: { autoconfirm: true }, password: { cost: 4 }, smtpMaxFrequency: 0,
  sms: { provider: "log", autoconfirm: true, maxFrequency: 0 },
  external: { anonymousUsers: { enabled: true }, phone: { enabled: true }, web3Solana: { enabled: true }, web3Ethereum: { enabled: true } },
  security: { manualLinkingEnabled: true }, customOauth: { enabled: true, maxProviders: 10 },
  mfa: { phone: { enrollEnabled: true, verifyEnabled: true }, webAuthn: { enrollEnabled: true, verifyEnabled: true } }, passkey: { enabled: true }, webauthn: { rpId: "app.example", rpOrigins: ["https://app.example"], rpDisplayName: "App" },
  saml: { enabled: true }, oauthServer: { enabled: true, allowDynamicRegistration: true }, rateLimit: { emailSent: 0, smsSent: 0 },
};

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, child: () => silent } as never;

interface Answer {
  readonly status: number;
  readonly text: string;
}

interface Asking {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For each part of the path that the endpoint names. */
  readonly id?: string;
  readonly query?: string;
}

/** As at Supabase, whatever the method. */
const PUBLIC = new Set(ENDPOINTS.filter(({ access }) => access === "public").map(({ path }) => path));

const nameOf = ({ method, path }: Endpoint): string => `${method} ${path}`;

/** Says what is wrong with an answer that is none of Auth's; undefined where it is one. */
function faultOf({ status, text }: Answer): string | undefined {
  if (status >= 500) return `${status} ${text.slice(0, 300)}`;
  if (/node_modules|\/src\/|\bat [A-Za-z.]+ \(|insert into|\bpg_|syntax error|encrypted_password|sealed1\./i.test(text)) return `leaks: ${text.slice(0, 300)}`;
  if (status < 400 || text === "") return undefined;
  const body = JSON.parse(text.startsWith("{") ? text : "{}") as Record<string, unknown>;
  const isGoTrues = (typeof body["msg"] === "string" && typeof body["error_code"] === "string" && body["code"] === status) || (typeof body["error"] === "string" && typeof body["error_description"] === "string");
  return isGoTrues || text.startsWith("<!doctype html") ? undefined : `${status} has another form: ${text.slice(0, 300)}`;
}

const FIELDS = ["email", "phone", "password", "refresh_token", "auth_code", "code_verifier", "id_token", "access_token", "provider", "nonce", "message", "signature", "chain", "token", "token_hash", "type", "data"];
const GRANTS = ["password", "refresh_token", "pkce", "id_token", "web3", "authorization_code", "\u0000"];

const deep = (depth: number): unknown => JSON.parse("[".repeat(depth) + "]".repeat(depth));
/** What is put into every field of a body at once. */
const VALUES: readonly unknown[] = [
  0, true, [], {}, ["a", 1], { a: { b: null } }, "", " ", "\u0000", "a\u0000@example.com", "\ud800", "\udc00a@example.com", { "\u0000": "\ud800" }, "x".repeat(5_000), "é@éxample.com", "e\u0301@example.com",
  "аdmin@example.com", "ADMIN@EXAMPLE.COM", "a@b@c", "'; drop table auth.users; --", "%00", "../../etc/passwd", "\u202e\u200b", "-1", "99999999999999999999", "00000000-0000-0000-0000-000000000000", deep(500),
];
/** Bodies that all is right with save for one field. */
const NEARLY_RIGHT: Readonly<Record<string, ReadonlyArray<readonly [field: string, right: object]>>> = {
  "POST /signup": [["data", { email: "@", password: PASSWORD }], ["password", { email: "@" }], ["data", {}], ["phone", { password: PASSWORD }], ["code_challenge", { email: "@", password: PASSWORD, code_challenge_method: "s256" }]],
  "POST /otp": [["data", { email: "@" }], ["channel", { phone: "15551234567" }], ["create_user", { email: "@" }]],
  "POST /recover": [["code_challenge", { email: "@", code_challenge_method: "plain" }]],
  "PUT /user": [["data", {}], ["password", {}], ["phone", {}], ["email", {}], ["nonce", { password: PASSWORD }]],
  "POST /factors": [["friendly_name", { factor_type: "totp" }], ["issuer", { factor_type: "totp", friendly_name: "a" }], ["phone", { factor_type: "phone", friendly_name: "b" }]],
  "POST /admin/users": [["user_metadata", { email: "@" }], ["app_metadata", { email: "@" }], ["role", { email: "@" }], ["ban_duration", { email: "@" }], ["id", { email: "@" }], ["password_hash", { email: "@" }], ["password", { email: "@" }]],
  "POST /admin/generate_link": [["data", { type: "signup", email: "@", password: PASSWORD }], ["redirect_to", { type: "magiclink", email: "@" }], ["new_email", { type: "email_change_new", email: "@" }]],
  "POST /invite": [["data", { email: "@" }]],
  "POST /admin/oauth/clients": [["client_name", { redirect_uris: ["https://a.example/cb"] }], ["redirect_uris", { client_name: "a" }], ["client_uri", { client_name: "a", redirect_uris: ["https://a.example/cb"] }]],
  "POST /oauth/clients/register": [["client_name", { redirect_uris: ["https://a.example/cb"] }]],
  "POST /token": [["password", { email: "nobody@example.com" }], ["code_verifier", { auth_code: randomUUID() }]],
};
const nearlyRight = (name: string): readonly string[] =>
  (NEARLY_RIGHT[name] ?? []).flatMap(([field, right]) => VALUES.map((value) => JSON.stringify({ ...right, ...("email" in right ? { email: `${randomUUID()}@example.com` } : {}), [field]: value })));

const TEXTS = ["", "[]", "null", "1", "\"text\"", "{", "{\"a\":", "\u0000", "{}", "not json", `{"email":"${"x".repeat(1_048_600)}"}`];
const IDS = ["0", "00000000-0000-0000-0000-000000000000", "%00", "%F0%9F%90%8E", "..%2f..", "x".repeat(300), "'--", "%ff"];

describeDatabases("every endpoint of Auth", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  let other: ProjectWithKeys;
  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases, { auth: AUTH, logger: silent, onError: () => undefined }));
    other = await backend.projects.create({ ref: `other-${randomUUID().slice(0, 8)}` });
  });
  afterAll(() => close());

  const ask = async ({ method, path }: Endpoint, { headers = {}, body, id = randomUUID(), query = "" }: Asking): Promise<Answer> => {
    const url = `http://backend/auth/v1${path.replaceAll(/:\w+/g, id)}${query}`;
    const response = await backend.fetch(new Request(url, { method, headers: { "content-type": "application/json", ...headers }, redirect: "manual", ...(body === undefined || method === "GET" ? {} : { body }) }));
    return { status: response.status, text: await response.text() };
  };
  const signUp = async (apikey = backend.anonKey): Promise<{ token: string; id: string }> => {
    const response = await backend.fetch("http://backend/auth/v1/signup", { method: "POST", headers: { apikey, "content-type": "application/json" }, body: JSON.stringify({ email: `${randomUUID()}@example.com`, password: PASSWORD }) });
    const { access_token: token, user } = (await response.json()) as { access_token: string; user: { id: string } };
    return { token, id: user.id };
  };
  const bearer = (token: string, apikey = backend.anonKey) => ({ apikey, authorization: `Bearer ${token}` });
  const credentialsFor = async ({ access }: Endpoint): Promise<Readonly<Record<string, string>>> => {
    if (access === "admin") return bearer(backend.serviceRoleKey, backend.serviceRoleKey);
    return access === "user" ? bearer((await signUp()).token) : { apikey: backend.anonKey };
  };

  test("opens to those alone whom it is for", async () => {
    const mine = await signUp();
    const theirs = await signUp(other.anonKey);
    const claims = { sub: mine.id, role: "authenticated", aud: "authenticated" };
    const exp = Math.floor(Date.now() / 1_000);
    const strangers: Readonly<Record<string, Readonly<Record<string, string>>>> = {
      "no key": {},
      "a key of nobody's": { apikey: "nobody's" },
      "a token without a key": { authorization: `Bearer ${mine.token}x` },
      "another project's token": bearer(theirs.token),
      "another project's service role": bearer(other.serviceRoleKey),
      "a forged token": bearer(signToken({ ...claims, exp: exp + 600 }, "another secret of 32 characters!")),
      "a forged service role": bearer(signToken({ role: "service_role", exp: exp + 600 }, "another secret of 32 characters!")),
      "an expired token": bearer(backend.tokenFor({ ...claims, exp: exp - 600 })),
      "a token without a signature": bearer(`${Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url")}.${Buffer.from(JSON.stringify({ ...claims, exp: exp + 600 })).toString("base64url")}.`),
    };
    const failures: string[] = [];
    for (const endpoint of ENDPOINTS) {
      await Promise.all(Object.entries(strangers).map(async ([who, headers]) => {
        const answer = await ask(endpoint, { headers, body: "{}" });
        const isLetIn = PUBLIC.has(endpoint.path) && headers["apikey"] === undefined && headers["authorization"] === undefined;
        const fault = faultOf(answer) ?? (isLetIn || answer.status === 401 || answer.status === 403 ? undefined : `let in with ${answer.status}`);
        if (fault !== undefined) failures.push(`${nameOf(endpoint)} as ${who}: ${fault}`);
      }));
    }
    expect(failures).toEqual([]);
  });

  test("that is a user's or an administrator's is not anon's, nor a user's the administrator's", async () => {
    const { token } = await signUp();
    const gone = await signUp();
    await backend.fetch("http://backend/auth/v1/logout", { method: "POST", headers: bearer(gone.token) });
    const failures: string[] = [];
    for (const endpoint of ENDPOINTS.filter(({ access }) => access === "user" || access === "admin")) {
      const callers = [{ apikey: backend.anonKey }, bearer(backend.anonKey), bearer(backend.serviceRoleKey), bearer(gone.token), bearer(token), bearer(backend.tokenFor({ sub: randomUUID() })), bearer(backend.tokenFor({ sub: "nobody" }))];
      const allowed = endpoint.access === "admin" ? 2 : 4;
      for (const [index, headers] of callers.entries()) {
        if (index === allowed) continue;
        const answer = await ask(endpoint, { headers, body: "{}" });
        const fault = faultOf(answer) ?? (answer.status === 401 || answer.status === 403 || (index === 6 && answer.status === 400) ? undefined : `let in with ${answer.status}`);
        if (fault !== undefined) failures.push(`${nameOf(endpoint)} as caller ${index}: ${fault}`);
      }
    }
    expect(failures).toEqual([]);
  });

  test("does nothing to another user by that one's ids", async () => {
    const victim = await signUp();
    const rows = await backend.sql<{ id: string }>(`
      with factor as (insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, created_at, updated_at, secret) values (gen_random_uuid(), '${victim.id}', 'theirs', 'totp', 'unverified', now(), now(), 'x') returning id)
      select id from factor union all select id from auth.sessions where user_id = '${victim.id}' union all select id from auth.identities where user_id = '${victim.id}' union all select '${victim.id}'`);
    const count = () => backend.sql(`select (select count(*) from auth.sessions s where s.user_id = u.id) as sessions, (select count(*) from auth.identities i where i.user_id = u.id) as identities, (select count(*) from auth.mfa_factors f where f.user_id = u.id) as factors, u.encrypted_password from auth.users u where u.id = '${victim.id}'`);
    const before = await count();
    const failures: string[] = [];
    for (const endpoint of ENDPOINTS.filter(({ access, path }) => access === "user" && path.includes(":"))) {
      const headers = await credentialsFor(endpoint);
      for (const { id } of rows) {
        const answer = await ask(endpoint, { headers, id, body: JSON.stringify({ challenge_id: id, code: "123456", friendly_name: "mine", action: "approve" }) });
        if (faultOf(answer) !== undefined || answer.status < 400) failures.push(`${nameOf(endpoint)}: ${answer.status} ${answer.text.slice(0, 200)}`);
      }
    }
    expect(failures).toEqual([]);
    expect(await count()).toEqual(before);
  });

  describe("given anything", () => {
    const cases = ENDPOINTS.map((endpoint) => [nameOf(endpoint), endpoint] as const);

    test.each(cases)("%s answers as GoTrue does, and never fails", async (name, endpoint) => {
      const shape = (endpoint.body as { readonly shape?: object } | undefined)?.shape;
      const fields = shape === undefined ? FIELDS : Object.keys(shape);
      const bodies = endpoint.body === undefined && endpoint.method === "GET" ? [undefined] : [...TEXTS, ...VALUES.map((value) => JSON.stringify(Object.fromEntries(fields.map((field) => [field, value])))), ...VALUES.map((value) => JSON.stringify(value)), ...nearlyRight(name)];
      const queries = endpoint.path === "/token" ? GRANTS.map((grant) => `?grant_type=${encodeURIComponent(grant)}`) : ["", "?page=-1&per_page=x&redirect_to=%00&provider=%00&token=%00&type=%00&scope=%00&state=%00&code=%00&domain=%00&filter=%00"];
      const ids = endpoint.path.includes(":") ? IDS : [undefined];
      const asked: Asking[] = [
        ...bodies.flatMap((body) => queries.map((query) => ({ ...(body === undefined ? {} : { body }), query }))),
        ...ids.map((id) => ({ body: "{}", ...(id === undefined ? {} : { id }) })),
      ];
      const headers = await credentialsFor(endpoint);
      const failures: string[] = [];
      for (const asking of asked) {
        const fault = faultOf(await ask(endpoint, { ...asking, headers }));
        if (fault !== undefined) failures.push(`${JSON.stringify(asking).slice(0, 200)}: ${fault}`);
      }
      expect(failures).toEqual([]);
    });
  });
}, NATIVE_UNLESS_LONG);
