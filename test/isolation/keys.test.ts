import { randomUUID } from "node:crypto";
import { crc32 } from "node:zlib";
import type { CreatedApiKey, ProjectWithKeys } from "plinth";
import { createBackend, signToken } from "plinth";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openNativeOrEmbedded } from "../scenarios/support/open-backend.ts";
import { NATIVE_UNLESS_LONG } from "../support/native-unless-long.ts";

/** In memory, so that it costs little. */
async function openWithoutDefault() {
  const backend = await createBackend({ inMemory: true, databaseUrl: false, project: false, health: false });
  return { backend, close: () => backend.close() };
}

type Headers = Readonly<Record<string, string>>;

interface Made {
  readonly a: ProjectWithKeys;
  readonly b: ProjectWithKeys;
  readonly secretOfA: CreatedApiKey;
  readonly publishable: CreatedApiKey;
  readonly secret: CreatedApiKey;
  readonly revoked: CreatedApiKey;
  readonly ofPaused: CreatedApiKey;
  readonly ofDeleted: CreatedApiKey;
}

/** The same key with another body, and a checksum that fits it again. */
const withChecksum = (body: string): string => `${body}_${crc32(body).toString(16).padStart(8, "0")}`;
const bodyOf = (key: string): string => key.slice(0, key.lastIndexOf("_"));

/** Keys that open nothing, each shown as apikey, as both and as Bearer. */
const REFUSED: ReadonlyArray<readonly [name: string, key: (made: Made) => string]> = [
  ["made up, of a project", () => withChecksum(`sb_secret_b_${"x".repeat(32)}`)],
  ["made up, of no project", () => withChecksum(`sb_secret_nobody_${"x".repeat(32)}`)],
  ["another project's, with this one's name", ({ secretOfA }) => withChecksum(bodyOf(secretOfA.key).replace("sb_secret_a_", "sb_secret_b_"))],
  ["the same random part for the other kind", ({ publishable }) => withChecksum(bodyOf(publishable.key).replace("publishable", "secret"))],
  ["with a slip in it", ({ secret }) => secret.key.replace(/.(?=.{20}$)/, (letter) => (letter === "x" ? "y" : "x"))],
  ["cut off", ({ secret }) => secret.key.slice(0, -1)],
  ["cut off before its checksum", ({ secret }) => bodyOf(secret.key)],
  ["with something after it", ({ secret }) => `${secret.key}x`],
  ["with a wrong checksum", ({ secret }) => `${bodyOf(secret.key)}_00000000`],
  ["in capitals", ({ secret }) => secret.key.toUpperCase().replace("SB_SECRET_B_", "sb_secret_b_")],
  ["its beginning alone", () => "sb_secret_"],
  ["of Supabase's form", () => "sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz"],
  ["very long", () => `sb_secret_b_${"x".repeat(100_000)}`],
  ["its hint", ({ secret }) => secret.hint],
  ["its id", ({ secret }) => `sb_secret_b_${secret.id}`],
  ["revoked", ({ revoked }) => revoked.key],
  ["of a project that was deleted", ({ ofDeleted }) => ofDeleted.key],
];

describeDatabases("opaque keys", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  let made: Made;
  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases, { onError: () => undefined }));
    const { projects } = backend;
    const [a, b] = [await projects.create({ ref: "a" }), await projects.create({ ref: "b" })];
    for (const ref of ["paused", "deleted"]) await projects.create({ ref });
    for (const ref of ["a", "b"]) await backend.sql(`create table public.secrets (id int, text text); insert into secrets values (1, 'secret-of-${ref}')`, ref);
    const secret = (ref: string) => projects.keys(ref).create({ kind: "secret", name: "server" });
    const revoked = await secret("b");
    made = {
      a,
      b,
      secretOfA: await secret("a"),
      publishable: await projects.keys("b").create({ kind: "publishable", name: "web" }),
      secret: await secret("b"),
      revoked,
      ofPaused: await secret("paused"),
      ofDeleted: await secret("deleted"),
    };
    await projects.keys("b").revoke(revoked.id);
    await projects.pause("paused");
    await projects.delete("deleted");
  });
  afterAll(() => close());

  async function ask(headers: Headers, method = "GET") {
    const response = await backend.fetch("http://backend/rest/v1/secrets?id=eq.1", { method, headers });
    const text = await response.text();
    return { status: response.status, text, sent: [...response.headers].flat().join("\n") + text };
  }
  const shown = (key: string): readonly Headers[] => [{ apikey: key }, { apikey: key, authorization: `Bearer ${key}` }, { authorization: `Bearer ${key}` }];

  test("a key says who asks, of its own project alone, however it is shown", async () => {
    for (const headers of shown(made.secret.key)) expect((await ask(headers)).text).toBe('[{"id":1,"text":"secret-of-b"}]');
    for (const headers of shown(made.secretOfA.key)) expect((await ask(headers)).text).toBe('[{"id":1,"text":"secret-of-a"}]');
    await backend.sql("create function public.whoami() returns jsonb language sql as $$ select auth.jwt() $$", "b");
    const whoami = async (headers: Headers): Promise<unknown> => (await backend.fetch("http://backend/rest/v1/rpc/whoami", { headers })).json();
    for (const headers of shown(made.publishable.key)) expect(await whoami(headers)).toEqual({ iss: "plinth", ref: "b", role: "anon" });
    expect(await whoami({ apikey: made.secret.key })).toEqual({ iss: "plinth", ref: "b", role: "service_role" });
  });

  describe("refused", () => {
    test.each(REFUSED)("%s", async (_name, keyOf) => {
      const key = keyOf(made);
      for (const headers of [...shown(key), { apikey: made.b.anonKey, authorization: `Bearer ${key}` }, { apikey: key, authorization: `Bearer ${made.b.serviceRoleKey}` }]) {
        for (const method of ["GET", "DELETE"]) {
          const { status, text, sent } = await ask(headers, method);
          expect({ status, code: (JSON.parse(text) as { code: string }).code }, text).toEqual({ status: 401, code: "PLINTH_API_KEY_INVALID" });
          expect(sent).not.toContain("secret-of-");
          expect(sent).not.toContain(key);
        }
      }
    });
  });

  test("the answer doesn't tell which projects there are, nor what has become of them", async () => {
    const opaque = ["a", "b", "paused", "deleted", "nobody"].map((ref) => withChecksum(`sb_secret_${ref}_${"x".repeat(32)}`));
    const tokens = ["a", "b", "paused", "deleted", "nobody", "not a ref"].map((ref) => signToken({ ref, role: "service_role" }, "a secret that is no project's, long enough"));
    for (const keys of [opaque, tokens]) {
      const answers = await Promise.all(keys.flatMap((key) => shown(key).map((headers) => ask(headers))));
      for (const { status, text } of answers) expect({ status, text }).toEqual({ status: 401, text: answers[0]?.text });
    }
    expect(await ask({ apikey: made.ofPaused.key })).toMatchObject({ status: 503, text: expect.stringContaining("PLINTH_PROJECT_PAUSED") });
  });

  test("a broken key is refused where there is no default project, too", async () => {
    const { backend: without, close: end } = await openWithoutDefault();
    for (const apikey of ["sb_secret_", `${bodyOf(made.secret.key)}_00000000`, made.secret.key]) {
      const response = await without.fetch("http://backend/rest/v1/secrets", { headers: { apikey } });
      expect({ status: response.status, code: ((await response.json()) as { code: string }).code }).toEqual({ status: 401, code: "PLINTH_API_KEY_INVALID" });
    }
    await end();
  });

  test("a Bearer token decides who asks, and both must hold", async () => {
    const token = signToken({ role: "service_role", sub: randomUUID() }, made.b.jwtSecret);
    expect((await ask({ apikey: made.publishable.key, authorization: `Bearer ${token}` })).text).toContain("secret-of-b");
    expect((await ask({ apikey: made.publishable.key, authorization: `Bearer ${made.secret.key}` })).text).toContain("secret-of-b");
    for (const bearer of [made.a.serviceRoleKey, made.secretOfA.key, signToken({ role: "service_role" }, made.a.jwtSecret)]) {
      expect((await ask({ apikey: made.publishable.key, authorization: `Bearer ${bearer}` })).status).toBe(401);
    }
  });

  test("an expired key is refused from then on", async () => {
    const keys = backend.projects.keys("b");
    const { id, key } = await keys.create({ kind: "secret", name: "for a moment", expiresAt: new Date(Date.now() + 60_000) });
    expect((await ask({ apikey: key })).status).toBe(200);
    await keys.expire(id, new Date(Date.now() - 1_000));
    const { status, text } = await ask({ apikey: key });
    expect({ status, code: (JSON.parse(text) as { code: string }).code }).toEqual({ status: 401, code: "PLINTH_API_KEY_EXPIRED" });
    await keys.expire(id, null);
    expect((await ask({ apikey: key })).status).toBe(200);
  });

  test("a secret key is refused from browsers, a publishable one is not", async () => {
    const browsers: readonly Headers[] = [{ "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" }, { "sec-fetch-site": "cross-site" }, { "sec-fetch-dest": "empty" }];
    for (const browser of browsers) {
      expect((await ask({ apikey: made.secret.key, ...browser })).text).toContain("PLINTH_SECRET_KEY_IN_BROWSER");
      expect((await ask({ apikey: made.publishable.key, ...browser })).status).toBe(200);
    }
    for (const server of [{ "user-agent": "node", "sec-fetch-mode": "cors" }, { "user-agent": "curl/8.14.1" }] as readonly Headers[]) expect((await ask({ apikey: made.secret.key, ...server })).status).toBe(200);
  });

  test("a key can't be administered by another project, nor given a role it must not have", async () => {
    const keys = backend.projects.keys("a");
    for (const id of [made.secret.id, randomUUID(), "no id", ""]) {
      await expect(keys.revoke(id)).rejects.toMatchObject({ code: "PLINTH_KEY_NOT_FOUND" });
      await expect(keys.rename(id, "x")).rejects.toMatchObject({ code: "PLINTH_KEY_NOT_FOUND" });
      await expect(keys.expire(id, null)).rejects.toMatchObject({ code: "PLINTH_KEY_NOT_FOUND" });
    }
    await expect(keys.create({ kind: "publishable", name: "x", role: "service_role" })).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID" });
    for (const role of ["", "none", "x".repeat(64)]) await expect(keys.create({ kind: "secret", name: "x", role })).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID" });
    const { key } = await keys.create({ kind: "secret", name: "x", role: "postgres" });
    const { status, sent } = await ask({ apikey: key });
    expect([401, 403]).toContain(status);
    expect(sent).not.toContain("secret-of-");
  });

  test("no key is kept, nor written down anywhere", async () => {
    const all = JSON.stringify([await backend.projects.keys("b").list(), (await backend.projects.audit({ limit: 200 })).entries]);
    expect(all).toContain(made.secret.hint);
    expect(all).not.toContain(made.secret.key.slice(0, made.secret.hint.length + 3));
  });

  test("deleting was refused each time", async () => {
    for (const ref of ["a", "b"]) expect(await backend.sql("select id from secrets", ref)).toEqual([{ id: 1 }]);
  });
}, NATIVE_UNLESS_LONG);
