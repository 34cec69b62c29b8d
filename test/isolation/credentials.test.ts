import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { type ProjectWithKeys, signToken } from "plinth";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openNativeOrEmbedded } from "../scenarios/support/open-backend.ts";

const now = (): number => Math.floor(Date.now() / 1000);
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 });
const KID = "issuer-1";
const jwk = { ...publicKey.export({ format: "jwk" }), kid: KID, alg: "RS256", use: "sig" };
const publicPem = publicKey.export({ format: "pem", type: "spki" }).toString();

function hs256(header: object, claims: object, secret: string): string {
  const input = `${part(header)}.${part(claims)}`;
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}

function rs256(header: object, claims: object, key = privateKey): string {
  const input = `${part(header)}.${part(claims)}`;
  return `${input}.${sign("sha256", Buffer.from(input), key).toString("base64url")}`;
}

interface Projects {
  readonly a: ProjectWithKeys;
  /** Takes tokens of an issuer too, and only for the audience "b". */
  readonly b: ProjectWithKeys;
}

type Credentials = readonly [apikey: string | undefined, token: string | undefined];

const SERVICE = { role: "service_role" };

/** Credentials that are none for b, with what they are refused with. */
const REFUSED: ReadonlyArray<readonly [name: string, code: string, credentials: (projects: Projects) => Credentials]> = [
  ["nothing", "PGRST302", () => [undefined, undefined]],
  ["b's key, a's service key", "PGRST301", ({ a, b }) => [b.anonKey, a.serviceRoleKey]],
  ["b's key, a token of a's that names no project", "PGRST301", ({ a, b }) => [b.anonKey, signToken(SERVICE, a.jwtSecret)]],
  ["b's key, a's token that says it is b's", "PGRST301", ({ a, b }) => [b.anonKey, signToken({ ...SERVICE, ref: "b" }, a.jwtSecret)]],
  ["a key of b's made with a's secret", "PGRST301", ({ a }) => [signToken({ ...SERVICE, ref: "b" }, a.jwtSecret), undefined]],
  ["a key of b's that says it is a's", "PGRST301", ({ a, b }) => [signToken({ ...SERVICE, ref: a.ref }, b.jwtSecret), undefined]],
  ["b's key, b's token that says it is a's", "PGRST303", ({ a, b }) => [b.anonKey, signToken({ ...SERVICE, ref: a.ref }, b.jwtSecret)]],
  ["a's key, b's service key", "PGRST301", ({ a, b }) => [a.anonKey, b.serviceRoleKey]],
  ["an empty key", "PGRST301", ({ b }) => ["", b.serviceRoleKey]],
  ["a key that is no token", "PGRST301", ({ b }) => ["secret", b.serviceRoleKey]],
  ["no signature", "PGRST301", ({ b }) => [b.anonKey, `${part({ alg: "none" })}.${part(SERVICE)}.`]],
  ["no signature, capitals", "PGRST301", ({ b }) => [b.anonKey, `${part({ alg: "None" })}.${part(SERVICE)}.`]],
  ["no algorithm", "PGRST301", ({ b }) => [b.anonKey, hs256({}, SERVICE, b.jwtSecret)]],
  ["a signature that was cut off", "PGRST301", ({ b }) => [b.anonKey, b.serviceRoleKey.slice(0, b.serviceRoleKey.lastIndexOf(".") + 1)]],
  ["a signature that is another token's", "PGRST301", ({ b }) => [b.anonKey, `${b.serviceRoleKey.slice(0, b.serviceRoleKey.lastIndexOf("."))}.${b.anonKey.split(".")[2]}`]],
  ["claims that were changed", "PGRST301", ({ b }) => [b.anonKey, b.anonKey.replace(/\.[^.]*\./, `.${part({ ...SERVICE, ref: "b" })}.`)]],
  ["HS256 with an empty secret", "PGRST301", ({ b }) => [b.anonKey, hs256({ alg: "HS256" }, SERVICE, "")]],
  ["HS256 with the public key for a secret", "PGRST301", ({ b }) => [b.anonKey, hs256({ alg: "HS256", kid: KID }, SERVICE, publicPem)]],
  ["HS256 with the public key's JWK for a secret", "PGRST301", ({ b }) => [b.anonKey, hs256({ alg: "HS256", kid: KID }, SERVICE, JSON.stringify(jwk))]],
  ["RS256 with an HMAC by the secret", "PGRST301", ({ b }) => [b.anonKey, hs256({ alg: "RS256", kid: KID }, SERVICE, b.jwtSecret)]],
  ["RS256 by a stranger's key", "PGRST301", ({ b }) => [b.anonKey, rs256({ alg: "RS256", kid: KID }, { ...SERVICE, aud: "b" }, stranger.privateKey)]],
  ["RS256 by a stranger's key that comes along", "PGRST301", ({ b }) => [b.anonKey, rs256({ alg: "RS256", jwk: stranger.publicKey.export({ format: "jwk" }) }, { ...SERVICE, aud: "b" }, stranger.privateKey)]],
  ["RS256, the issuer's, where a has no issuer", "PGRST301", ({ a }) => [a.anonKey, rs256({ alg: "RS256", kid: KID }, { ...SERVICE, aud: "b" })]],
  ["RS256, the issuer's, for another audience", "PGRST303", ({ b }) => [b.anonKey, rs256({ alg: "RS256", kid: KID }, { ...SERVICE, aud: "a" })]],
  ["RS256, the issuer's, for another project", "PGRST303", ({ b }) => [b.anonKey, rs256({ alg: "RS256", kid: KID }, { ...SERVICE, aud: "b", ref: "a" })]],
  ["a header that must be understood", "PGRST301", ({ b }) => [b.anonKey, hs256({ alg: "HS256", crit: ["exp"] }, SERVICE, b.jwtSecret)]],
  ["expired", "PGRST303", ({ b }) => [b.anonKey, signToken({ ...SERVICE, exp: now() - 60 }, b.jwtSecret)]],
  ["not yet valid", "PGRST303", ({ b }) => [b.anonKey, signToken({ ...SERVICE, nbf: now() + 600 }, b.jwtSecret)]],
  ["of the future", "PGRST303", ({ b }) => [b.anonKey, signToken({ ...SERVICE, iat: now() + 600 }, b.jwtSecret)]],
  ["for another audience", "PGRST303", ({ b }) => [b.anonKey, signToken({ ...SERVICE, aud: "a" }, b.jwtSecret)]],
  ["for an audience that is no text", "PGRST303", ({ b }) => [b.anonKey, signToken({ ...SERVICE, aud: { b: "b" } }, b.jwtSecret)]],
  ["an expiry that is no number", "PGRST303", ({ b }) => [b.anonKey, signToken({ ...SERVICE, exp: "never" }, b.jwtSecret)]],
  ["the role none", "22023", ({ b }) => [b.anonKey, signToken({ role: "none" }, b.jwtSecret)]],
];

describeDatabases("credentials", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  let projects: Projects;
  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases));
    const a = await backend.projects.create({ ref: "a" });
    const b = await backend.projects.create({ ref: "b", jwks: { keys: [jwk] }, jwtAudience: "b" });
    projects = { a, b };
    for (const ref of ["a", "b"]) await backend.sql(`create table public.secrets (id int, text text); insert into secrets values (1, 'secret-of-${ref}')`, ref);
  });
  afterAll(() => close());

  async function ask([apikey, token]: Credentials, method = "GET") {
    const headers = { ...(apikey === undefined ? {} : { apikey }), ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
    const response = await backend.fetch("http://backend/rest/v1/secrets?id=eq.1", { method, headers });
    const text = await response.text();
    return { status: response.status, text, sent: [...response.headers].flat().join("\n") + text };
  }

  describe("refused", () => {
    test.each(REFUSED)("%s", async (_name, code, credentials) => {
      for (const method of ["GET", "DELETE"]) {
        const { status, text, sent } = await ask(credentials(projects), method);
        expect({ status, code: (JSON.parse(text) as { code: string }).code }, text).toEqual({ status: 401, code });
        expect(sent).not.toContain("secret-of-");
        for (const secret of [projects.a.jwtSecret, projects.b.jwtSecret]) expect(sent).not.toContain(secret);
      }
    });
  });

  test("a key finds its own project, whatever else the request says", async () => {
    for (const [ref, { anonKey, serviceRoleKey }] of Object.entries(projects) as Array<[string, ProjectWithKeys]>) {
      for (const credentials of [[anonKey, anonKey], [anonKey, serviceRoleKey], [undefined, serviceRoleKey], [serviceRoleKey, undefined]] as Credentials[]) {
        expect((await ask(credentials)).text).toBe(JSON.stringify([{ id: 1, text: `secret-of-${ref}` }]));
      }
    }
    const issued = rs256({ alg: "RS256", kid: KID }, { ...SERVICE, aud: "b", exp: now() + 60 });
    expect((await ask([projects.b.anonKey, issued])).text).toContain("secret-of-b");
  });

  test("a key that somebody made up doesn't tell which projects there are", async () => {
    const made = ["a", "b", "nobody", "../b", "plinth", "postgres", "A", "b "].map((ref) => signToken({ ...SERVICE, ref }, "a secret that is no project's, long enough"));
    const answers = await Promise.all(made.flatMap((key) => [ask([key, undefined]), ask([key, key]), ask([undefined, key])]));
    for (const { status, text } of answers) expect({ status, text }).toEqual({ status: 401, text: answers[0]?.text });
    expect(JSON.parse(answers[0]?.text ?? "")).toMatchObject({ code: "PGRST301" });
  });

  test("a token's role is one of the project's, or none", async () => {
    for (const role of ["postgres", "plinth_a", "plinth_default", "pg_read_all_data", "pg_monitor", "nobody", 'anon"; reset role; --', "DEFAULT"]) {
      const { status, sent } = await ask([projects.b.anonKey, signToken({ role }, projects.b.jwtSecret)]);
      expect([401, 403], role).toContain(status);
      expect(sent).not.toContain("secret-of-");
    }
  });

  test("deleting was refused each time", async () => {
    for (const ref of ["a", "b"]) expect(await backend.sql("select id from secrets", ref)).toEqual([{ id: 1 }]);
  });
});
