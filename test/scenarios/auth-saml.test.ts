import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import type { Logger, ProjectWithKeys } from "plinth";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serviceProviderCertificate } from "../../packages/auth/src/sso/service-provider-certificate.ts";
import { openAtDoor } from "./support/open-backend.ts";
import { type AuthnRequest, type ResponseOptions, SamlIdentityProvider } from "./support/saml-identity-provider.ts";
import { NATIVE_UNLESS_LONG } from "../support/native-unless-long.ts";

const BASE = "http://localhost/auth/v1";
const ACS = `${BASE}/sso/saml/acs`;
const ENTITY = `${BASE}/sso/saml/metadata`;
const SITE = "https://app.example";
const BACK = `${SITE}/welcome`;
const AUTH = { siteUrl: SITE, mailer: { autoconfirm: true }, password: { cost: 4 }, saml: { enabled: true, allowEncryptedAssertions: true }, rateLimit: { sso: 0, tokenRefresh: 0 }, outbound: { allowPrivateAddresses: true } };
const EMAIL = "ada@acme.example";
const MAPPING = { keys: { full_name: { name: "displayName" }, groups: { names: ["memberOf", "groups"], array: true }, plan: { name: "plan", default: "free" } } };

const nothing = (): void => undefined;
const silent: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => silent };

type Json = Readonly<Record<string, unknown>>;

describeDatabases("SAML", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  let other: ProjectWithKeys;
  let idp: SamlIdentityProvider;
  let metadata: string;
  let providerId: string;

  beforeAll(async () => {
    ({ backend, close } = await openAtDoor(databases, { auth: AUTH, logger: silent }));
    other = await backend.projects.create({ ref: "other" });
    idp = await SamlIdentityProvider.create();
    providerId = String((await admin("POST", "", { type: "saml", metadata_xml: idp.metadata(), domains: ["acme.example"], attribute_mapping: MAPPING })).body["id"]);
    metadata = await (await backend.fetch(ENTITY)).text();
  });
  afterAll(() => close());

  async function admin(method: string, path: string, body?: Json, key = backend.serviceRoleKey): Promise<{ status: number; body: Json }> {
    const headers = { apikey: key, authorization: `Bearer ${key}`, "content-type": "application/json" };
    const response = await backend.fetch(`${BASE}/admin/sso/providers${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    return { status: response.status, body: (await response.json()) as Json };
  }

  function supabase(flowType: "pkce" | "implicit", key = backend.anonKey): SupabaseClient {
    const kept = new Map<string, string>();
    const storage = { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value), removeItem: (name: string) => void kept.delete(name) };
    return createClient("http://localhost", key, { global: { fetch: backend.fetch }, auth: { flowType, storage, persistSession: flowType === "pkce", autoRefreshToken: false } });
  }

  /** What the service provider asks the identity provider for. */
  async function begin(client = supabase("implicit"), asked: { domain: string } | { providerId: string } = { domain: "acme.example" }, from = idp): Promise<AuthnRequest> {
    const { data, error } = await client.auth.signInWithSSO({ ...asked, options: { redirectTo: BACK, skipBrowserRedirect: true } });
    expect(error).toBeNull();
    return from.readRequest(data!.url, metadata);
  }

  const answer = (request: AuthnRequest, options: Partial<ResponseOptions> = {}): ResponseOptions => ({ audience: request.issuer, recipient: request.acsUrl, inResponseTo: request.id, attributes: { mail: EMAIL }, ...options });

  /** Where the browser goes on that posts a response. */
  async function post(xml: string, relayState: string, acs = ACS): Promise<URL> {
    const response = await backend.fetch(new Request(acs, { method: "POST", redirect: "manual", body: new URLSearchParams({ SAMLResponse: Buffer.from(xml).toString("base64"), RelayState: relayState }) }));
    expect([response.status, response.status === 303 ? "" : await response.text()]).toEqual([303, ""]);
    return new URL(response.headers.get("location")!);
  }

  const fragmentOf = (url: URL): URLSearchParams => new URLSearchParams(url.hash.slice(1));
  const claimsOf = (url: URL): Json => JSON.parse(Buffer.from(fragmentOf(url).get("access_token")!.split(".")[1]!, "base64url").toString()) as Json;

  /** Signs in, and gives where the browser ends. */
  async function signIn(options: Partial<ResponseOptions> = {}): Promise<URL> {
    const request = await begin();
    return post(idp.respond(answer(request, options)), request.relayState);
  }
  async function expectRefused(url: URL | Promise<URL>, code = "validation_failed"): Promise<void> {
    const target = await url;
    expect([target.origin, target.searchParams.get("error_code"), target.hash.includes("access_token"), target.searchParams.has("code")]).toEqual([SITE, code, false, false]);
  }

  test("the metadata say who the project is", async () => {
    expect(metadata).toContain(`entityID="${ENTITY}"`);
    expect(metadata).toContain(`Location="${ACS}"`);
    const download = await backend.fetch(`${ENTITY}?download=true`);
    expect([download.headers.get("content-type"), download.headers.get("content-disposition")]).toEqual(["application/xml", 'attachment; filename="metadata.xml"']);
    expect(await download.text()).toContain("validUntil=");
    // The key is made once, and its certificate is the same each time.
    expect(await (await backend.fetch(ENTITY)).text()).toBe(metadata);
    const [kept] = await backend.sql<{ sealed: string }>("select sealed from auth.sealed_keys where name = 'saml'");
    expect(kept!.sealed).toMatch(/^sealed1\./);
  });

  test.each(["assertion", "response", "both"] as const)("implicit: the session comes in the fragment, the %s signed", async (sign) => {
    const url = await signIn({ sign, attributes: { mail: EMAIL, displayName: "Ada L.", groups: ["a", "b"] } });
    expect(url.origin + url.pathname).toBe(BACK);
    expect(claimsOf(url)).toMatchObject({ email: EMAIL, role: "authenticated", amr: [{ method: "sso/saml", provider: `sso:${providerId}` }], app_metadata: { provider: `sso:${providerId}` }, user_metadata: { full_name: "Ada L.", custom_claims: { groups: ["a", "b"], plan: "free" }, iss: idp.entityId } });
    const { data } = await supabase("implicit").auth.getUser(fragmentOf(url).get("access_token")!);
    expect(data.user).toMatchObject({ email: EMAIL, identities: [{ provider: `sso:${providerId}`, id: "ada" }] });
    expect(data.user!.email_confirmed_at).toBeDefined();
  });

  test("what a user signs in with is the identity provider's to change", async () => {
    const fragment = fragmentOf(await signIn({ nameId: "managed", attributes: { mail: "managed@acme.example" } }));
    const client = supabase("implicit");
    await client.auth.setSession({ access_token: fragment.get("access_token")!, refresh_token: fragment.get("refresh_token")! });
    for (const change of [{ password: "correct horse" }, { email: "own@acme.example" }, { phone: "15550177" }, { nonce: "123456" }]) expect((await client.auth.updateUser(change)).error).toMatchObject({ status: 422, code: "user_sso_managed" });
    expect((await client.auth.updateUser({ data: { theme: "dark" } })).error).toBeNull();
  });

  test("PKCE: a code comes, which only who began can redeem, and the session ends when the identity provider says", async () => {
    const client = supabase("pkce");
    const request = await begin(client, { providerId });
    const url = await post(idp.respond(answer(request, { sessionNotOnOrAfter: 1_800 })), request.relayState);
    expect([url.origin + url.pathname, url.hash]).toEqual([BACK, ""]);
    const code = url.searchParams.get("code")!;
    const { data, error } = await client.auth.exchangeCodeForSession(code);
    expect(error).toBeNull();
    expect(data.user).toMatchObject({ email: EMAIL });
    const [session] = await backend.sql<{ seconds: string }>("select extract(epoch from not_after - now()) as seconds from auth.sessions order by created_at desc limit 1");
    expect(Number(session!.seconds)).toBeGreaterThan(1_700);
    expect(Number(session!.seconds)).toBeLessThan(1_801);
    expect((await supabase("pkce").auth.exchangeCodeForSession(code)).error).not.toBeNull();
    await backend.sql(`update auth.sessions set not_after = now() - interval '1 second' where user_id = '${data.user!.id}'`);
    expect((await client.auth.refreshSession()).error).toMatchObject({ status: 400, code: "session_expired" });
  });

  test("a user of an identity provider is another than the one with the same address and a password", async () => {
    const own = await supabase("implicit").auth.signUp({ email: "twin@acme.example", password: "correct horse" });
    const first = claimsOf(await signIn({ nameId: "twin", attributes: { mail: "Twin@acme.example" } }));
    expect(first["email"]).toBe("twin@acme.example");
    expect(first["sub"]).not.toBe(own.data.user!.id);
    // The same person again; and by the address, where the identity provider has given another name.
    expect(claimsOf(await signIn({ nameId: "twin", attributes: { mail: "twin@acme.example" } }))["sub"]).toBe(first["sub"]);
    expect(claimsOf(await signIn({ nameId: "twin-2", attributes: { mail: "twin@acme.example" } }))["sub"]).toBe(first["sub"]);
    const rows = await backend.sql("select id from auth.users where email = 'twin@acme.example'");
    expect(rows).toHaveLength(2);
    expect((await supabase("implicit").auth.signInWithPassword({ email: "twin@acme.example", password: "correct horse" })).data.user!.id).toBe(own.data.user!.id);
    const second = await SamlIdentityProvider.create();
    const { body } = await admin("POST", "", { type: "saml", metadata_xml: second.metadata() });
    const request = await begin(supabase("implicit"), { providerId: String(body["id"]) }, second);
    expect(claimsOf(await post(second.respond(answer(request, { nameId: "twin", attributes: { mail: "twin@acme.example" } })), request.relayState))["sub"]).not.toBe(first["sub"]);
    // Nor does it answer for the other one.
    const theirs = await begin();
    await expectRefused(post(second.respond(answer(theirs, { nameId: "twin" })), theirs.relayState));
  });

  test("an identity provider may begin, and lead on to where the project allows", async () => {
    const unsolicited = { audience: ENTITY, recipient: ACS, attributes: { mail: EMAIL } };
    const url = await post(idp.respond(unsolicited), `${SITE}/start`);
    expect([url.origin + url.pathname, claimsOf(url)["email"]]).toEqual([`${SITE}/start`, EMAIL]);
    expect((await post(idp.respond(unsolicited), "https://evil.example/")).origin).toBe(SITE);
    expect((await post(idp.respond(unsolicited), "")).origin).toBe(SITE);
    await expectRefused(post(idp.respond(unsolicited), "nonsense"));
    // One that was stolen from an exchange that we began.
    const request = await begin();
    await expectRefused(post(idp.respond(answer(request)), ""));
    const used = idp.respond(unsolicited);
    expect(claimsOf(await post(used, ""))["email"]).toBe(EMAIL);
    await expectRefused(post(used, ""));
    // What remembers it is no request that could be answered, and used up.
    const [note] = await backend.sql<{ id: string }>("select id from auth.saml_relay_states where request_id like 'used:%' order by updated_at desc limit 1");
    await expectRefused(post(used, note!.id), "saml_relay_state_not_found");
    await expectRefused(post(used, ""));
  });

  test("a response is taken once, and only for its own request", async () => {
    const request = await begin();
    const xml = idp.respond(answer(request));
    expect(claimsOf(await post(xml, request.relayState))["email"]).toBe(EMAIL);
    await expectRefused(post(xml, request.relayState), "saml_relay_state_not_found");
    const later = await begin();
    await expectRefused(post(xml, later.relayState));
    // A wrong one uses the request up as well.
    await expectRefused(post(idp.respond(answer(later)), later.relayState), "saml_relay_state_not_found");
    const raced = await begin();
    const same = idp.respond(answer(raced));
    const ends = await Promise.all([1, 2, 3, 4].map(() => post(same, raced.relayState)));
    expect(ends.filter((url) => url.hash.includes("access_token"))).toHaveLength(1);
  });

  test("an assertion may be encrypted, and has to be signed all the same", async () => {
    const request = await begin();
    const xml = await idp.respondEncrypted(answer(request), metadata);
    expect(xml).not.toContain(EMAIL);
    expect(claimsOf(await post(xml, request.relayState))["email"]).toBe(EMAIL);
    const unsigned = await begin();
    await expectRefused(post(await idp.respondEncrypted(answer(unsigned, { sign: "none" }), metadata), unsigned.relayState));
    // To another project it is nothing but noise.
    await backend.projects.update("other", { settings: { auth: { saml: { allowEncryptedAssertions: false } } } });
    expect(await (await backend.fetch(`${ENTITY}?apikey=${other.anonKey}`)).text()).not.toContain('use="encryption"');
  });

  test("a request has its time", async () => {
    const request = await begin();
    await backend.sql(`update auth.saml_relay_states set created_at = now() - interval '3 minutes' where id = '${request.relayState}'`);
    await expectRefused(post(idp.respond(answer(request)), request.relayState), "saml_relay_state_expired");
  });

  // What a response has to be is no matter of the database.
  if (databases.kind === "embedded") describe("is refused:", () => {
    test.each<[string, Partial<ResponseOptions>]>([
      ["no signature", { sign: "none" }],
      ["SHA-1", { algorithms: "sha1" }],
      ["another audience", { audience: "https://other.example/metadata" }],
      ["another recipient", { recipient: "https://other.example/acs", destination: "" }],
      ["another destination", { destination: "https://other.example/acs" }],
      ["another issuer", { issuer: "https://other.example/idp" }],
      ["another issuer of the response", { issuer: "https://other.example/idp", edit: (xml) => xml.replace(/<saml:Issuer>[^<]*/, `<saml:Issuer>${idp.entityId}`) }],
      ["another issuer of the assertion", { edit: (xml) => xml.replace(/<saml:Issuer>[^<]*/, "<saml:Issuer>https://other.example/idp") }],
      ["another request", { inResponseTo: "_other" }],
      ["no request", { inResponseTo: undefined }],
      ["too late", { notOnOrAfter: -120 }],
      ["too early", { notBefore: 600 }],
      ["a session that is over", { sessionNotOnOrAfter: -600 }],
      ["a failure", { status: "Responder" }],
      ["no audience", { edit: (xml) => xml.replace(/<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/, "") }],
      ["no conditions", { edit: (xml) => xml.replace(/<saml:Conditions.*<\/saml:Conditions>/, "") }],
      ["no confirmation", { edit: (xml) => xml.replace(/<saml:SubjectConfirmation .*<\/saml:SubjectConfirmation>/, "") }],
      ["another confirmation", { edit: (xml) => xml.replace("cm:bearer", "cm:sender-vouches") }],
      ["a confirmation for another request", { edit: (xml) => xml.replace(/InResponseTo="[^"]*"/, 'InResponseTo="_other"') }],
      ["a confirmation that is over", { edit: (xml) => xml.replace(/(<saml:SubjectConfirmationData NotOnOrAfter=")[^"]*/, `$1${new Date(Date.now() - 120_000).toISOString()}`) }],
      ["a confirmation that has a beginning", { edit: (xml) => xml.replace("<saml:SubjectConfirmationData", '$& NotBefore="2020-01-01T00:00:00Z"') }],
      ["a confirmation without end", { edit: (xml) => xml.replace(/(<saml:SubjectConfirmationData) NotOnOrAfter="[^"]*"/, "$1") }],
    ])("%s", async (_what, options) => expectRefused(signIn(options)));

    test("a user without a name for good, or without an address", async () => {
      await expectRefused(signIn({ nameIdFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:transient" }), "saml_assertion_no_user_id");
      await expectRefused(signIn({ attributes: {} }), "saml_assertion_no_email");
      expect(claimsOf(await signIn({ attributes: {}, nameId: "Mia@acme.example", nameIdFormat: "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress" }))["email"]).toBe("mia@acme.example");
    });

    test("the signature of a stranger who calls himself the identity provider", async () => {
      const stranger = await SamlIdentityProvider.create(idp.entityId);
      const request = await begin();
      await expectRefused(post(stranger.respond(answer(request)), request.relayState));
    });

    /** Forgeries of a response whose assertion is signed: somebody else's name beside, around or inside of what is. */
    const evil = (assertion: string): string => assertion.replace(/<ds:Signature .*<\/ds:Signature>/s, "").replace(/(<saml:NameID[^>]*>)[^<]*/, "$1admin").replaceAll(EMAIL, "admin@acme.example").replace(/ID="[^"]*"/, 'ID="_evil"');
    const assertionOf = (xml: string): string => /<saml:Assertion .*<\/saml:Assertion>/s.exec(xml)![0];
    const signatureOf = (xml: string): string => /<ds:Signature .*<\/ds:Signature>/s.exec(xml)![0];
    test.each<[string, (xml: string) => string]>([
      ["a changed address", (xml) => xml.replaceAll(EMAIL, "admin@acme.example")],
      ["a response to another request", (xml) => xml.replace(/(<samlp:Response[^>]* InResponseTo=")[^"]*/, "$1_other")],
      ["a forged assertion before the signed one", (xml) => xml.replace("<saml:Assertion ", `${evil(assertionOf(xml))}<saml:Assertion `)],
      ["a forged assertion after the signed one", (xml) => xml.replace("</saml:Assertion>", `</saml:Assertion>${evil(assertionOf(xml))}`)],
      ["the signed one inside of the forged one's signature", (xml) => xml.replace(assertionOf(xml), evil(assertionOf(xml)).replace("</saml:Issuer>", `</saml:Issuer>${signatureOf(xml).replace("</ds:Signature>", `<ds:Object>${assertionOf(xml).replace(signatureOf(xml), "")}</ds:Object></ds:Signature>`)}`))],
      ["the signed one inside of the forged one", (xml) => xml.replace(assertionOf(xml), evil(assertionOf(xml)).replace("</saml:Assertion>", `${assertionOf(xml)}</saml:Assertion>`))],
      ["the signed one among extensions", (xml) => xml.replace(assertionOf(xml), `<samlp:Extensions>${assertionOf(xml)}</samlp:Extensions>${evil(assertionOf(xml))}`)],
      ["the signed one's ID twice", (xml) => xml.replace(assertionOf(xml), assertionOf(xml) + evil(assertionOf(xml)).replace("_evil", /<saml:Assertion [^>]*ID="([^"]*)"/.exec(xml)![1]!))],
      ["a comment in the address", (xml) => xml.replaceAll(EMAIL, EMAIL.replace("@", "<!-- -->@"))],
      ["a document type with an entity", (xml) => `<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]>${xml}`],
      ["an entity", (xml) => xml.replaceAll(EMAIL, "&e;")],
      ["a processing instruction", (xml) => xml.replaceAll(EMAIL, `<?x ?>${EMAIL}`)],
      ["what is no XML", () => "<samlp:Response"],
      ["another document", () => "<Assertion/>"],
      ["nothing", () => ""],
    ])("%s", async (_what, forge) => {
      const request = await begin();
      await expectRefused(post(forge(idp.respond(answer(request))), request.relayState));
      expect(await backend.sql("select id from auth.users where email = 'admin@acme.example'")).toEqual([]);
    });
  });

  test("another project takes neither responses nor requests of this one", async () => {
    await admin("POST", "", { type: "saml", metadata_xml: idp.metadata(), domains: ["acme.example"] }, other.serviceRoleKey);
    const acs = `${ACS}?apikey=${other.anonKey}`;
    const request = await begin();
    await expectRefused(post(idp.respond(answer(request)), request.relayState, acs), "saml_relay_state_not_found");
    await expectRefused(post(idp.respond({ audience: ENTITY, recipient: ACS, attributes: { mail: EMAIL } }), "", acs));
    // Its own are good there, and it is told by its ref, since its host is not its own.
    const client = supabase("implicit", other.anonKey);
    const { data } = await client.auth.signInWithSSO({ domain: "acme.example", options: { redirectTo: BACK } });
    const theirs = idp.readRequest(data!.url, await (await backend.fetch(`${ENTITY}?apikey=${other.anonKey}`)).text());
    expect(theirs.issuer).toBe(`${ENTITY}?ref=other`);
    const url = await post(idp.respond(answer(theirs)), theirs.relayState, theirs.acsUrl);
    expect(claimsOf(url)["email"]).toBe(EMAIL);
    expect(await backend.sql("select id from auth.users", "other")).toHaveLength(1);
  });

  test("POST /sso says what is wrong, and redirects where it is not told otherwise", async () => {
    const ask = async (body: Json): Promise<Response> => backend.fetch(new Request(`${BASE}/sso`, { method: "POST", redirect: "manual", headers: { apikey: backend.anonKey, "content-type": "application/json" }, body: JSON.stringify(body) }));
    expect((await ask({ domain: "ACME.example" })).headers.get("location")).toMatch(/^https:\/\/idp\.example\/sso\?tenant=1&SAMLRequest=/);
    for (const [body, status, code] of [
      [{}, 400, "validation_failed"],
      [{ domain: "acme.example", provider_id: providerId }, 400, "validation_failed"],
      [{ provider_id: "x" }, 400, "validation_failed"],
      [{ domain: "acme.example", code_challenge: "short", code_challenge_method: "s256" }, 400, "validation_failed"],
      [{ domain: "nobody.example" }, 404, "sso_provider_not_found"],
      [{ provider_id: crypto.randomUUID() }, 404, "sso_provider_not_found"],
    ] as const) {
      const response = await ask(body);
      expect([response.status, ((await response.json()) as Json)["error_code"]]).toEqual([status, code]);
    }
  });

  test("administrators manage identity providers", async () => {
    const made = await SamlIdentityProvider.create();
    const { status, body } = await admin("POST", "", { type: "saml", metadata_xml: made.metadata(), domains: ["Beta.example"], resource_id: "beta" });
    const id = String(body["id"]);
    expect([status, body]).toMatchObject([201, { disabled: false, resource_id: "beta", domains: [{ domain: "beta.example" }], saml: { entity_id: made.entityId, metadata_xml: made.metadata(), attribute_mapping: {} } }]);
    const refused = async (code: string, given: Json, path = ""): Promise<void> => expect((await admin(path === "" ? "POST" : "PUT", path, given)).body["error_code"]).toBe(code);
    await refused("saml_idp_already_exists", { type: "saml", metadata_xml: made.metadata() });
    const fresh = { type: "saml", metadata_xml: (await SamlIdentityProvider.create()).metadata() };
    await refused("sso_domain_already_exists", { ...fresh, domains: ["acme.example"] });
    await refused("validation_failed", { ...fresh, type: "oidc" });
    await refused("validation_failed", { ...fresh, name_id_format: "x" });
    await refused("validation_failed", { type: "saml" });
    await refused("validation_failed", { type: "saml", metadata_url: "http://idp.example/metadata" });
    await refused("saml_metadata_fetch_failed", { type: "saml", metadata_url: "https://127.0.0.1:1/metadata" });
    for (const xml of ["", "<x/>", "<!DOCTYPE x><x/>", made.metadata().replace(/<md:KeyDescriptor.*<\/md:KeyDescriptor>/, ""), made.metadata().replace("https://idp.example/sso", "javascript:alert(1)//")]) await refused("validation_failed", { type: "saml", metadata_xml: xml });

    expect((await admin("GET", "/resource_beta")).body["id"]).toBe(id);
    expect((await admin("GET", "?resource_id_prefix=be")).body["items"]).toMatchObject([{ id }]);
    expect(((await admin("GET", "")).body["items"] as ReadonlyArray<{ saml: Json }>)[0]!.saml).not.toHaveProperty("metadata_xml");
    await refused("saml_entity_id_mismatch", fresh, `/${id}`);
    expect((await admin("PUT", `/${id}`, { domains: ["gamma.example"], disabled: true, resource_id: "", attribute_mapping: MAPPING })).body).toMatchObject({ disabled: true, domains: [{ domain: "gamma.example" }], saml: { attribute_mapping: MAPPING } });
    expect((await supabase("implicit").auth.signInWithSSO({ domain: "gamma.example" })).error).toMatchObject({ code: "sso_provider_disabled" });
    await expectRefused(post(made.respond({ audience: ENTITY, recipient: ACS, attributes: { mail: EMAIL } }), ""), "sso_provider_disabled");
    expect((await admin("GET", "", undefined, backend.anonKey)).status).toBe(403);
    expect((await admin("DELETE", `/${id}`)).body["id"]).toBe(id);
    expect((await admin("GET", `/${id}`)).status).toBe(404);
    await expectRefused(post(made.respond({ audience: ENTITY, recipient: ACS, attributes: { mail: EMAIL } }), ""), "saml_idp_not_found");
  });

  test("metadata are fetched from their address, and again when they are a day old", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const key = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
    let published = await SamlIdentityProvider.create();
    let status = 200;
    const server = createServer({ key, cert: await serviceProviderCertificate(key, "127.0.0.1") }, (_request, response) => response.writeHead(status).end(published.metadata()));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/metadata`;
      const { body } = await admin("POST", "", { type: "saml", metadata_url: url });
      expect(body["saml"]).toMatchObject({ entity_id: published.entityId, metadata_url: url, metadata_xml: published.metadata() });
      const enter = async (by: SamlIdentityProvider): Promise<URL> => {
        const request = await begin(supabase("implicit"), { providerId: String(body["id"]) }, by);
        return post(by.respond(answer(request)), request.relayState);
      };
      const former = published;
      published = await SamlIdentityProvider.create(former.entityId);
      expect(claimsOf(await enter(former))["email"]).toBe(EMAIL);
      await expectRefused(enter(published));
      const age = () => backend.sql("update auth.saml_providers set updated_at = now() - interval '25 hours' where metadata_url is not null");
      await age();
      status = 503;
      expect(claimsOf(await enter(former))["email"]).toBe(EMAIL);
      await age();
      status = 200;
      expect(claimsOf(await enter(published))["email"]).toBe(EMAIL);
      await expectRefused(enter(former));
      await age();
      published = idp;
      await expectRefused(enter(former));
    } finally {
      delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      server.closeAllConnections();
      server.close();
    }
  });

  test("the private key may be the project's own, as GoTrue takes it", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const certificateOf = async (key: string): Promise<X509Certificate> => {
      await backend.projects.update("other", { settings: { auth: { saml: { privateKey: key } } } });
      return new X509Certificate(Buffer.from(/<ds:X509Certificate>([^<]+)</.exec(await (await backend.fetch(`${ENTITY}?apikey=${other.anonKey}`)).text())![1]!, "base64"));
    };
    for (const key of [privateKey.export({ type: "pkcs1", format: "der" }).toString("base64"), privateKey.export({ type: "pkcs8", format: "pem" }) as string]) expect((await certificateOf(key)).checkPrivateKey(privateKey)).toBe(true);
  });

  test("none of it is there for a project that has it switched off", async () => {
    await backend.projects.update("other", { settings: { auth: { saml: { enabled: false } } } });
    for (const path of ["/sso/saml/metadata", "/sso/saml/acs"]) {
      const response = await backend.fetch(`${BASE}${path}?apikey=${other.anonKey}`, { method: path.endsWith("acs") ? "POST" : "GET" });
      expect([response.status, ((await response.json()) as Json)["error_code"]]).toEqual([404, "saml_provider_disabled"]);
    }
  });
}, NATIVE_UNLESS_LONG);
