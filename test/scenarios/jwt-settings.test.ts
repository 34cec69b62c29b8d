import { createTestBackend } from "@plinth/testing";
import { signToken } from "plinth";
import { afterAll, beforeAll, expect, test } from "vitest";

const WHO = "create function who() returns text language sql stable as 'select current_user::text'; ";

let backend: Awaited<ReturnType<typeof createTestBackend>>;
beforeAll(async () => {
  backend = await createTestBackend({ sql: WHO, requireApiKey: false, onError: () => undefined });
});
afterAll(() => backend.close());

async function who(headers: Record<string, string>): Promise<{ status: number; body: unknown }> {
  const response = await backend.fetch("http://backend/rest/v1/rpc/who", { headers });
  return { status: response.status, body: await response.json() };
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const inAnHour = Math.floor(Date.now() / 1000) + 3600;

test("a project says where its tokens have their role", async () => {
  await backend.projects.update("default", { settings: { jwt: { roleClaimKey: "$.app_metadata.roles[?(@ != 'user')]" } } });
  expect(await who(bearer(signToken({ exp: inAnHour, role: "service_role", app_metadata: { roles: ["user", "authenticated"] } }, backend.jwtSecret)))).toEqual({ status: 200, body: "authenticated" });
  expect(await who(bearer(signToken({ exp: inAnHour, role: "service_role" }, backend.jwtSecret)))).toEqual({ status: 200, body: "anon" });
  expect(await who({ apikey: backend.serviceRoleKey })).toEqual({ status: 200, body: "service_role" });
  await expect(backend.projects.update("default", { settings: { jwt: { roleClaimKey: "app.role" } } })).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID", message: expect.stringContaining("settings.jwt.roleClaimKey") });
});

test("the secret's tokens and nameless callers can be refused", async () => {
  await backend.projects.update("default", { settings: { jwt: { secretEnabled: false } } });
  expect(await who({ apikey: backend.serviceRoleKey })).toMatchObject({ status: 500, body: { code: "PGRST300" } });
  const { key } = await backend.projects.keys("default").create({ name: "web", kind: "publishable" });
  expect(await who({ apikey: key })).toEqual({ status: 200, body: "anon" });
  await backend.projects.update("default", { settings: { jwt: { anonymousAccess: false } } });
  expect(await who({})).toEqual({ status: 401, body: { code: "PGRST302", details: null, hint: null, message: "Anonymous access is disabled" } });
  expect(await who(bearer(signToken({ exp: inAnHour }, backend.jwtSecret)))).toMatchObject({ status: 401, body: { code: "PGRST302" } });
  expect(await who(bearer(signToken({ exp: inAnHour, role: "authenticated" }, backend.jwtSecret)))).toEqual({ status: 200, body: "authenticated" });
});

test("a base64 secret signs the project's own keys too", async () => {
  const bytes = Buffer.from("c0ffee".repeat(12), "hex");
  await backend.projects.update("default", { settings: { jwt: { secretIsBase64: true } } });
  await backend.projects.keys("default").rotateJwtSecret({ jwtSecret: bytes.toString("base64"), overlapMs: 0 });
  const made = await backend.projects.get("default");
  expect(await who({ apikey: made.serviceRoleKey })).toEqual({ status: 200, body: "service_role" });
  expect(await who(bearer(signToken({ role: "authenticated", exp: inAnHour }, bytes)))).toEqual({ status: 200, body: "authenticated" });
  const rotated = await backend.projects.keys("default").rotateJwtSecret({ until: null });
  expect(rotated.anonKey).not.toBe(made.anonKey);
  expect(await who({ apikey: rotated.anonKey })).toEqual({ status: 200, body: "anon" });
  expect(await who({ apikey: made.anonKey })).toEqual({ status: 200, body: "anon" });
  expect(await who(bearer(await backend.projects.keys("default").signToken({ role: "authenticated", exp: inAnHour })))).toEqual({ status: 200, body: "authenticated" });
});
