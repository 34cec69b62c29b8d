import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { freePort } from "../../packages/testing/src/free-port.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { httpGet } from "./support/http-get.ts";
import { openPage } from "./support/open-page.ts";

const EXAMPLE = path.resolve(import.meta.dirname, "../../examples/site-with-uploads");
/** What of this process's environment would decide where the backend runs. */
const UNSET = { DATABASE_URL: undefined, TEST_DATABASE_URL: undefined, PLINTH_MASTER_KEY: undefined, PLINTH_JWT_SECRET: undefined };
/** As `npm start` has it: compiling PostgreSQL's WebAssembly well takes longer than running it here. */
const FLAGS = ["--no-wasm-tier-up", "--no-wasm-dynamic-tiering", "--conditions=plinth-source"];
/** Of the processes that load the same sources, one has to compile them. */
const COMPILE_CACHE = path.join(tmpdir(), `plinth-${userInfo().username}`, "compiled-cli");
/** One pixel. */
const PNG = Uint8Array.from(Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64"));
const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";

describe("the example that publishes a site and signs uploads", () => {
  let folder: string;
  let server: ChildProcess;
  let said = "";
  let api: string;
  let site: string;
  let anonKey: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "plinth-site-"));
    const port = await freePort();
    api = `http://localhost:${port}`;
    site = `http://default.sites.localhost:${port}`;
    server = spawn(process.execPath, [...FLAGS, "server.ts"], { cwd: EXAMPLE, env: { ...process.env, ...UNSET, NODE_COMPILE_CACHE: COMPILE_CACHE, PORT: String(port), PLINTH_DATA: path.join(folder, "data") }, stdio: ["ignore", "pipe", "pipe"] });
    const started = new Promise<void>((resolve, reject) => {
      server.stdout!.on("data", (chunk) => (said += String(chunk)).includes("Open ") && resolve());
      server.stderr!.on("data", (chunk) => (said += String(chunk)));
      server.once("exit", (code) => reject(new Error(`ended with ${code}: ${said}`)));
    });
    await started;
    anonKey = /anonKey = "([^"]+)"/.exec((await httpGet(`${site}/config.js`)).text)![1]!;
  });
  afterAll(async () => {
    const ended = server.exitCode === null ? once(server, "exit") : undefined;
    server.kill();
    await ended;
    await rm(folder, { recursive: true });
  });

  /** As the page of an origin asks, without what it is signed in by. */
  const ask = (address: string, init: RequestInit = {}, origin = site) => fetch(address, { ...init, headers: { origin, ...init.headers } });
  const preflight = (address: string, method: string, headers: string, origin = site) => ask(address, { method: "OPTIONS", headers: { "access-control-request-method": method, "access-control-request-headers": headers } }, origin);
  const granted = (response: Response): unknown[] => ["origin", "methods", "headers", "credentials"].map((name) => response.headers.get(`access-control-allow-${name}`));

  /** Somebody new, as the page signs them in; with what the server's own route answers them. */
  async function somebody() {
    const client: SupabaseClient = createClient(api, anonKey, { auth: { persistSession: false, autoRefreshToken: false } });
    const { data } = await client.auth.signInAnonymously();
    const token = data.session!.access_token;
    const leave = async () => {
      const response = await ask(`${api}/uploads`, { method: "POST", headers: { authorization: `Bearer ${token}` } });
      expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([201, site]);
      return (await response.json()) as { name: string; token: string };
    };
    return { id: data.user!.id, pictures: client.storage.from("pictures"), leave };
  }

  const addressOf = (name: string, token: string): string => `${api}/storage/v1/object/upload/sign/pictures/${name}?token=${token}`;
  /** With plain bytes, as `fetch` sends them without a client. */
  const put = async (address: string, bytes: Uint8Array<ArrayBuffer> = PNG, type = "image/png") => {
    const response = await ask(address, { method: "PUT", headers: { "content-type": type }, body: bytes });
    // Otherwise the page could not say what is wrong.
    expect(response.headers.get("access-control-allow-origin")).toBe(site);
    const { statusCode, error } = (await response.json()) as { statusCode?: string; error?: string };
    return [response.status, statusCode ?? null, error ?? null];
  };

  test("serves its site at an origin of its own, where nothing else is", async () => {
    const home = await httpGet(`${site}/`, { accept: "text/html" });
    expect(home.status).toBe(200);
    expect(home.headers).toMatchObject({ "content-type": "text/html; charset=utf-8", "cache-control": "public, max-age=0, must-revalidate", "x-content-type-options": "nosniff", etag: expect.any(String) });
    expect(home.headers["content-security-policy"]).toBe(`default-src 'self'; connect-src ${api}; img-src data: ${api}; frame-ancestors 'none'`);
    expect(home.text).toBe(await readFile(path.join(EXAMPLE, "site/index.html"), "utf8"));
    for (const [name, type] of [["style.css", "text/css"], ["app.js", "text/javascript"], ["supabase.js", "text/javascript"], ["config.js", "text/javascript"]] as const) {
      const { status, headers } = await httpGet(`${site}/${name}`);
      expect([status, headers["content-type"], headers["cache-control"], headers["set-cookie"]], name).toEqual([200, `${type}; charset=utf-8`, "no-cache", undefined]);
      expect((await httpGet(`${site}/${name}`, { "if-none-match": headers.etag! })).status).toBe(304);
    }
    for (const name of ["_headers", "uploads", "rest/v1/", "auth/v1/health", "storage/v1/bucket"]) expect((await httpGet(`${site}/${name}`, { apikey: anonKey })).status, name).toBe(404);
    expect((await httpGet(`${site}/uploads`, {}, "POST")).status).toBe(405);
    const elsewhere = await httpGet(`${api}/assets/v1/default/`, { accept: "text/html" });
    expect([elsewhere.status, elsewhere.headers.location]).toEqual([302, `${site}/`]);
  });

  test("lets its page call from there, and no other page", async () => {
    expect(granted(await preflight(`${api}/uploads`, "POST", "authorization"))).toEqual([site, expect.stringContaining("POST"), "authorization", null]);
    expect(granted(await preflight(addressOf("x/y", "z"), "PUT", "apikey,content-type"))).toEqual([site, expect.stringContaining("PUT"), expect.stringContaining("apikey, content-type"), null]);
    for (const address of [`${api}/uploads`, addressOf("x/y", "z"), `${api}/auth/v1/signup`]) expect(granted(await preflight(address, "PUT", "apikey", "http://evil.localhost"))[0], address).not.toBe("http://evil.localhost");
    for (const authorization of ["", "Bearer x", `Bearer ${anonKey}`]) {
      const refused = await ask(`${api}/uploads`, { method: "POST", headers: { authorization } });
      expect([refused.status, refused.headers.get("access-control-allow-origin")], authorization).toEqual([401, site]);
    }
  });

  test("its page uploads what is picked, shows it, and says what is refused", async () => {
    const page = await openPage(`${site}/`);
    try {
      expect(page.opened).toEqual({ status: "", isReady: true, pictures: [] });
      const { status, pictures } = await page.pick({ name: "Grüße.png", type: "image/png", bytes: PNG });
      expect([status, pictures]).toEqual(["", [{ address: expect.stringMatching(new RegExp(`^${api}/storage/v1/object/sign/pictures/${UUID}/${UUID}\\?token=`)), status: 200, type: "image/png", bytes: PNG }]]);
      expect(await page.pick({ name: "notes.txt", type: "text/plain", bytes: PNG })).toMatchObject({ status: "mime type text/plain is not supported", pictures });
      expect(await page.pick({ name: "large.png", type: "image/png", bytes: new Uint8Array(2 * 1024 * 1024 + 1) })).toMatchObject({ status: "The object exceeded the maximum allowed size", pictures });
      expect((await page.pick({ name: "again.png", type: "image/png", bytes: PNG })).pictures).toHaveLength(2);
    } finally {
      await page.close();
    }
  });

  test("whoever has leave uploads one picture of that name, once, and nobody else sees it", async () => {
    const [ann, ben] = [await somebody(), await somebody()];
    const { name, token } = await ann.leave();
    expect(name).toMatch(new RegExp(`^${ann.id}/${UUID}$`));
    const other = await ann.leave();
    const bens = await ben.leave();
    const [head, payload, signature] = token.split(".") as [string, string, string];
    const forged = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(payload, "base64url").toString()), url: `pictures/${other.name}` })).toString("base64url");
    for (const [address, error] of [
      [addressOf(other.name, token), "InvalidSignature"],
      [addressOf(name, bens.token), "InvalidSignature"],
      [addressOf(`${name}/deeper`, token), "InvalidSignature"],
      [addressOf(name, token).replace("/pictures/", "/others/"), "InvalidSignature"],
      [addressOf(other.name, `${head}.${forged}.${signature}`), "InvalidJWT"],
      [addressOf(name, `${head}.${payload}.${signature.slice(1)}`), "InvalidJWT"],
      [addressOf(name, anonKey), "InvalidJWT"],
    ] as const) expect(await put(address), address).toEqual([400, "400", error]);
    expect(await put(addressOf(name, token), PNG, "text/html")).toEqual([400, "415", "invalid_mime_type"]);
    expect(await put(addressOf(name, token), new Uint8Array(2 * 1024 * 1024 + 1))).toEqual([400, "413", "Payload too large"]);
    expect((await ann.pictures.list(ann.id)).data).toEqual([]);

    expect(await put(addressOf(name, token))).toEqual([200, null, null]);
    expect(await put(addressOf(name, token))).toEqual([400, "409", "Duplicate"]);
    expect((await ann.pictures.list(ann.id)).data).toMatchObject([{ name: name.split("/")[1], metadata: { size: PNG.length, mimetype: "image/png" } }]);
    const { data } = await ann.pictures.createSignedUrl(name, 60);
    const read = await ask(data!.signedUrl);
    expect(read.headers.get("access-control-expose-headers")!.toLowerCase().split(", ")).toEqual(expect.arrayContaining(["content-range", "etag", "accept-ranges"]));
    expect([read.status, read.headers.get("content-type"), new Uint8Array(await read.arrayBuffer())]).toEqual([200, "image/png", PNG]);

    expect((await ben.pictures.list(ann.id)).data).toEqual([]);
    expect((await ben.pictures.createSignedUrl(name, 60)).error?.message).toBe("Object not found");
    expect((await ben.pictures.createSignedUploadUrl(`${ann.id}/x`)).error?.message).toContain("row-level security");
    expect((await ask(`${api}/storage/v1/object/public/pictures/${name}`)).status).toBe(400);
  });
});
