import { createBackend } from "plinth";
import { afterAll, expect, test } from "vitest";

const backend = await createBackend({ inMemory: true, databaseUrl: false, onError: () => undefined });
afterAll(() => backend.close());

test("a project's settings are checked before it is made, setting by setting", async () => {
  const made = backend.projects.create({ ref: "wrong", settings: { rest: { maxRows: -1, schemas: [] } } });
  await expect(made).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID", details: [expect.stringContaining("settings.rest.schemas"), expect.stringContaining("settings.rest.maxRows")] });
  await expect(backend.projects.create({ ref: "wrong", settings: { rset: {} } })).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID", hint: "There are settings for: limits, jwt, rest, auth, assets, storage." });
  await expect(backend.projects.get("wrong")).rejects.toMatchObject({ code: "PLINTH_PROJECT_NOT_FOUND" });
});

test("they go before the backend's, for that project alone", async () => {
  const { anonKey } = await backend.projects.create({ ref: "quiet", settings: { rest: { clientErrorVerbosity: "minimal" } } });
  const ask = async (apikey: string) => (await backend.fetch("http://backend/rest/v1/nowhere", { headers: { apikey } })).json();
  expect(Object.keys((await ask(anonKey)) as object)).toEqual(["code", "message"]);
  const { anonKey: other } = await backend.projects.get("default");
  expect(Object.keys((await ask(other)) as object)).toEqual(["code", "details", "hint", "message"]);
});
