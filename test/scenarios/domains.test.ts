import { toNodeHandler } from "@plinth/node";
import type { TestBackend } from "@plinth/testing";
import { createTestBackend, urlOf } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { type ProjectWithKeys, signToken } from "plinth";
import { afterAll, beforeAll, expect, test } from "vitest";
import { viaHttp } from "../../adapters/node/test/conformance/clients.ts";
import { listen } from "../../adapters/node/test/listen.ts";
import { openNativeOrEmbedded } from "./support/open-backend.ts";

const BASE = "api.example.com";

const things = (name: string): string => `create table public.things (name text); grant select on things to anon; insert into things values ('${name}')`;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

describeDatabases("domains", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  let acme: ProjectWithKeys;
  let beta: ProjectWithKeys;

  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases, { domains: { base: "API.Example.com." }, requireApiKey: false }));
    acme = await backend.projects.create({ ref: "acme" });
    beta = await backend.projects.create({ ref: "beta" });
    await Promise.all([backend.sql(things("default")), backend.sql(things("acme"), "acme"), backend.sql(things("beta"), "beta")]);
  });
  afterAll(() => close());

  async function ask(host: string, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await backend.fetch(`http://${host}/rest/v1/things?select=name`, { headers });
    return { status: response.status, body: await response.json() };
  }
  const of = (name: string): Answer => ({ status: 200, body: [{ name }] });
  const refused = (status: number, code: string) => ({ status, body: { code } });

  test("the label before the base domain names the project", async () => {
    expect(await ask(`acme.${BASE}`)).toEqual(of("acme"));
    expect(await ask(`BETA.${BASE}.:8443`)).toEqual(of("beta"));
    expect(await ask(`acme.${BASE}`, { apikey: acme.anonKey })).toEqual(of("acme"));
  });

  test("a host that names no project leaves the request to the default one", async () => {
    for (const host of [BASE, "localhost:3000", "127.0.0.1", "[::1]:80", "backend", `deep.acme.${BASE}`, "unknown.example"]) expect(await ask(host)).toEqual(of("default"));
  });

  test("a label that is nobody's is nobody's", async () => {
    expect(await ask(`nobody.${BASE}`)).toMatchObject(refused(404, "PLINTH_PROJECT_NOT_FOUND"));
    expect(await ask(`nobody.${BASE}`)).toMatchObject(refused(404, "PLINTH_PROJECT_NOT_FOUND"));
  });

  test("a key is refused at the host of another project, in the same words whether there is one", async () => {
    const answers = await Promise.all(["beta", "default", "nobody"].map((label) => ask(`${label}.${BASE}`, { apikey: acme.serviceRoleKey })));
    expect(answers[0]).toMatchObject(refused(401, "PLINTH_PROJECT_MISMATCH"));
    expect(answers.map(({ body }) => JSON.stringify(body))).toEqual(Array.from({ length: 3 }, () => JSON.stringify(answers[0]?.body)));
  });

  test("a key or token without a project is held against the host's project", async () => {
    const own = signToken({ role: "service_role" }, beta.jwtSecret);
    expect(await ask(`beta.${BASE}`, { apikey: own })).toEqual(of("beta"));
    expect(await ask(`beta.${BASE}`, { authorization: `Bearer ${own}` })).toEqual(of("beta"));
    const credentials: ReadonlyArray<Record<string, string>> = [{ apikey: own }, { authorization: `Bearer ${own}` }, { authorization: `Bearer ${beta.serviceRoleKey}` }];
    for (const headers of credentials) {
      expect(await ask(`acme.${BASE}`, headers)).toMatchObject({ status: 401 });
    }
  });

  test("a registered domain leads to its project, until it is removed", async () => {
    const domains = backend.projects.domains("acme");
    expect(await ask("shop.acme.test")).toEqual(of("default"));
    expect(await domains.add("Shop.ACME.test.")).toMatchObject({ domain: "shop.acme.test" });
    expect(await ask("shop.acme.test")).toEqual(of("acme"));
    expect(await ask("SHOP.acme.test:8080")).toEqual(of("acme"));
    expect(await ask("shop.acme.test", { apikey: acme.anonKey })).toEqual(of("acme"));
    expect(await ask("shop.acme.test", { apikey: beta.serviceRoleKey })).toMatchObject(refused(401, "PLINTH_PROJECT_MISMATCH"));
    expect((await domains.list()).map(({ domain }) => domain)).toEqual(["shop.acme.test"]);
    await domains.remove("SHOP.acme.test");
    expect(await ask("shop.acme.test")).toEqual(of("default"));
    expect(await domains.list()).toEqual([]);
  });

  test("a domain is one project's; adding it again is nothing, taking another's is refused", async () => {
    const mine = backend.projects.domains("acme");
    const theirs = backend.projects.domains("beta");
    const made = await mine.add("one.test");
    expect(await mine.add("one.test.")).toEqual(made);
    await expect(theirs.add("ONE.test")).rejects.toMatchObject({ code: "PLINTH_DOMAIN_TAKEN", status: 409 });
    await theirs.remove("one.test");
    expect(await ask("one.test")).toEqual(of("acme"));
    await mine.remove("one.test");
    await theirs.add("one.test");
    expect(await ask("one.test")).toEqual(of("beta"));
    await theirs.remove("one.test");
  });

  test("of those who add a domain at the same time one has it", async () => {
    const outcomes = await Promise.allSettled(["acme", "beta", "default", "acme"].map((ref) => backend.projects.domains(ref).add("raced.test")));
    const [row] = (await Promise.all(["acme", "beta", "default"].map((ref) => backend.projects.domains(ref).list()))).filter((list) => list.length > 0);
    expect(row).toHaveLength(1);
    expect(outcomes.filter(({ status }) => status === "rejected").map((outcome) => (outcome as PromiseRejectedResult).reason.code)).toEqual(expect.arrayContaining(["PLINTH_DOMAIN_TAKEN"]));
    for (const ref of ["acme", "beta", "default"]) await backend.projects.domains(ref).remove("raced.test");
  });

  test("what is no domain, or is the base's, is refused", async () => {
    const domains = backend.projects.domains("acme");
    for (const bad of ["localhost", "127.0.0.1", "[::1]", "*.acme.test", "https://acme.test", "", BASE, `x.${BASE}`, `a.b.${BASE}`, undefined as unknown as string, 1 as unknown as string]) {
      await expect(domains.add(bad)).rejects.toMatchObject({ code: "PLINTH_DOMAIN_INVALID" });
    }
    await expect(backend.projects.domains("nobody").add("x.test")).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
    await expect(backend.projects.domains("nobody").list()).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
  });

  test("a project that is deleted takes its domains with it; one that is renamed keeps them", async () => {
    await backend.projects.create({ ref: "brief" });
    await backend.sql(things("brief"), "brief");
    await backend.projects.domains("brief").add("brief.test");
    expect(await ask("brief.test")).toEqual(of("brief"));
    await backend.projects.rename("brief", "lasting");
    expect(await ask("brief.test")).toEqual(of("brief"));
    const { anonKey } = await backend.projects.get("lasting");
    expect(await ask(`lasting.${BASE}`, { apikey: anonKey })).toEqual(of("brief"));
    // The host as it was called before leads to the same project.
    expect(await ask(`brief.${BASE}`, { apikey: anonKey })).toEqual(of("brief"));
    await backend.projects.delete("lasting");
    expect(await ask("brief.test")).toEqual(of("default"));
    await backend.projects.domains("acme").add("brief.test");
    await backend.projects.domains("acme").remove("brief.test");
  });

  test("through node:http the Host header counts, and X-Forwarded-Host where the proxy is trusted", async () => {
    const plain = await listen(toNodeHandler(backend));
    const trusting = await listen(toNodeHandler(backend, { trustProxy: true }));
    try {
      const through = async ({ url }: typeof plain, headers: Record<string, string>): Promise<unknown> => JSON.parse((await viaHttp(`${url}/rest/v1/things?select=name`, { headers })).text);
      expect(await through(plain, { host: `acme.${BASE}` })).toEqual([{ name: "acme" }]);
      expect(await through(plain, { host: `acme.${BASE}`, "x-forwarded-host": `beta.${BASE}` })).toEqual([{ name: "acme" }]);
      expect(await through(trusting, { host: "inner", "x-forwarded-host": `beta.${BASE}` })).toEqual([{ name: "beta" }]);
      expect(await through(plain, { host: `ACME.${BASE}.`, apikey: beta.anonKey })).toMatchObject({ code: "PLINTH_PROJECT_MISMATCH" });
    } finally {
      await Promise.all([plain.close(), trusting.close()]);
    }
  });

  if (databases.kind === "native") test("what one process changes, another knows within a second", async () => {
    const database = await databases.create();
    const options = { databaseUrl: urlOf(database), masterKey: "one master key for both of them, of enough characters", project: { jwtSecret: "a secret that both of them know, and nobody else" }, requireApiKey: false };
    const one = await createTestBackend(options);
    const other = await createTestBackend(options);
    try {
      const known = await one.projects.create({ ref: "known" });
      await one.sql(things("known"), "known");
      await one.sql(things("default"));
      const at = async (host: string, headers = {}): Promise<unknown> => (await other.fetch(`http://${host}/rest/v1/things?select=name`, { headers })).json();
      expect(await at("far.test")).toEqual([{ name: "default" }]);
      await one.projects.domains("known").add("far.test");
      await expect.poll(() => at("far.test"), { timeout: 2_000, interval: 50 }).toEqual([{ name: "known" }]);
      await one.projects.domains("known").remove("far.test");
      await expect.poll(() => at("far.test"), { timeout: 2_000, interval: 50 }).toEqual([{ name: "default" }]);
      expect(await at("far.test", { apikey: known.anonKey })).toEqual([{ name: "known" }]);
      await one.projects.delete("known");
    } finally {
      await other.close();
      await one.close();
    }
  });
});
