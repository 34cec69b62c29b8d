import { gzipSync } from "node:zlib";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import type { BackendTenant } from "plinth";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openNativeOrEmbedded } from "./support/open-backend.ts";
import { tarOf, type TarEntry } from "./support/tar-of.ts";

const LONG_CSS = "body { color: rebeccapurple; }\n".repeat(200);

describeDatabases("a site", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  let admin: Readonly<Record<string, string>>;
  let tenant: BackendTenant;
  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases, { project: { ref: "acme" }, domains: { base: "api.example.com" }, assets: { maxFileBytes: 300_000, maxReleaseBytes: 400_000, maxFiles: 20, keptReleases: 2 } }));
    admin = { apikey: backend.serviceRoleKey };
    tenant = await backend.tenant();
  });
  afterAll(() => close());

  const site = (path: string, headers: Readonly<Record<string, string>> = {}, method = "GET") => backend.fetch(`http://acme.assets.api.example.com${path}`, { method, headers, redirect: "manual" });
  const shared = (path: string, headers: Readonly<Record<string, string>> = {}) => backend.fetch(`http://localhost/assets/v1${path}`, { headers, redirect: "manual" });
  const administer = (method: string, path: string, body?: string | Uint8Array, headers: Readonly<Record<string, string>> = {}) =>
    backend.fetch(`http://localhost/assets/admin/v1${path}`, { method, ...(body === undefined ? {} : { body: body as string }), headers: { ...admin, ...(typeof body === "string" ? { "content-type": "application/json" } : {}), ...headers } });
  const publish = (entries: readonly TarEntry[]) => administer("POST", "/releases", gzipSync(tarOf(entries)), { "content-type": "application/gzip" });
  const text = async (answer: Promise<Response>): Promise<[number, string]> => answer.then(async (response) => [response.status, await response.text()]);
  const keysOf = async (): Promise<number> => Number((await backend.sql<{ count: string }>("select count(*) from assets.blobs"))[0]!.count);

  const PAGES: readonly TarEntry[] = [
    { name: "./index.html", content: "<h1>Home</h1>" },
    { name: "./about.html", content: "<h1>About</h1>" },
    { name: "./blog/", type: "5" },
    { name: "./blog/index.html", content: "<h1>Blog</h1>" },
    { name: "./404.html", content: "<h1>Nothing</h1>" },
    { name: "./style.css", content: LONG_CSS },
    { name: "./js/app.3f2a9c1b.js", content: "console.log(1)" },
    { name: "./Grüße.txt", content: "Hallo" },
    { name: "./_redirects", content: "/old /about 301\n/go/* https://example.org/:splat 302\n/in/* /:splat 302\n/news/:year/* /blog/?y=:year 307\n/hidden /about.html 200\n/style.css /x 301\n/proxy/* https://other.example/:splat 200\n" },
    { name: "./_headers", content: "/*\n  X-Frame-Options: DENY\n  Set-Cookie: a=b\n/js/*\n  Access-Control-Allow-Origin: *\n/blog/*\n  ! X-Frame-Options\n  Cache-Control: no-cache\n" },
  ];

  describe("that is published", () => {
    test("is served as it was packed, by the rules it brings", async () => {
      const response = await publish(PAGES);
      expect(await response.json()).toMatchObject({ files: 9, isCurrent: true, url: "http://acme.assets.api.example.com/", problems: ["_redirects:7: files of other servers aren't sent", "_headers:3: Set-Cookie can't be set"] });
      expect(response.status).toBe(201);
      const home = await site("/");
      expect([home.status, home.headers.get("content-type"), home.headers.get("cache-control"), await home.text()]).toEqual([200, "text/html; charset=utf-8", "public, max-age=0, must-revalidate", "<h1>Home</h1>"]);
      expect(home.headers.get("content-security-policy")).toBeNull();
      expect(home.headers.get("set-cookie")).toBeNull();
      expect(home.headers.get("x-frame-options")).toBe("DENY");
      const app = await site("/js/app.3f2a9c1b.js");
      expect([app.headers.get("content-type"), app.headers.get("cache-control")]).toEqual(["text/javascript; charset=utf-8", "public, max-age=31536000, immutable"]);
      expect((await site("/style.css")).headers.get("cache-control")).toBe("public, max-age=3600");
      const blog = await site("/blog/");
      expect([await blog.text(), blog.headers.get("x-frame-options"), blog.headers.get("cache-control")]).toEqual(["<h1>Blog</h1>", null, "no-cache"]);
      expect(await text(site("/Gr%C3%BC%C3%9Fe.txt"))).toEqual([200, "Hallo"]);
    });

    test("finds pages without their extension, and sends on where a slash is wrong", async () => {
      expect(await text(site("/about"))).toEqual([200, "<h1>About</h1>"]);
      const moved = async (path: string): Promise<unknown> => site(path).then(({ status, headers }) => [status, headers.get("location")]);
      expect(await moved("/blog?x=1")).toEqual([301, "./blog/?x=1"]);
      expect(await moved("/about/")).toEqual([301, "../about"]);
      expect(await moved("/old?a=1")).toEqual([301, "/about?a=1"]);
      expect(await moved("/go/a/b")).toEqual([302, "https://example.org/a/b"]);
      expect(await moved("/news/2024/x")).toEqual([307, "/blog/?y=2024"]);
      expect(await moved("/in//evil.example/x")).toEqual([302, "/evil.example/x"]);
      expect(await moved("/in/%0d%0aSet-Cookie:%20a")).toEqual([302, "/%0D%0ASet-Cookie:%20a"]);
      expect(await text(site("/hidden"))).toEqual([200, "<h1>About</h1>"]);
      expect(await text(site("/style.css"))).toEqual([200, LONG_CSS]);
    });

    test("has a page for what isn't there, and never shows its rules", async () => {
      for (const path of ["/nothing", "/blog/deep/nothing.js", "/_redirects", "/_headers", "/%E0", "/proxy/x"]) expect((await site(path)).status, path).toBe(404);
      expect(await text(site("/blog/nothing"))).toEqual([404, "<h1>Nothing</h1>"]);
      expect((await site("/..%2f..%2fetc/passwd")).status).toBe(404);
      for (const host of ["nobody", "0", "a.b", "deep.acme"]) expect((await backend.fetch(`http://${host}.assets.api.example.com/`)).status, host).toBe(404);
      expect((await backend.fetch("http://ACME.assets.api.example.com.:8080/about")).status).toBe(200);
      expect([(await site("/", {}, "POST")).status, (await site("/rest/v1/")).status, (await site("/assets/admin/v1/files", admin)).status]).toEqual([405, 404, 404]);
    });

    test("answers conditions, ranges and encodings", async () => {
      const whole = await site("/style.css");
      const etag = whole.headers.get("etag")!;
      expect(whole.headers.get("vary")).toBe("Accept-Encoding");
      expect((await site("/style.css", { "if-none-match": `"x", W/${etag}` })).status).toBe(304);
      expect((await site("/style.css", { "if-modified-since": whole.headers.get("last-modified")! })).status).toBe(304);
      const of = async (range: string): Promise<unknown> => site("/style.css", { range, "accept-encoding": "br" }).then(async (part) => [part.status, part.headers.get("content-range"), part.headers.get("content-encoding"), await part.text()]);
      expect(await of("bytes=0-3")).toEqual([206, `bytes 0-3/${LONG_CSS.length}`, null, "body"]);
      expect(await of("bytes=-2")).toEqual([206, `bytes ${LONG_CSS.length - 2}-${LONG_CSS.length - 1}/${LONG_CSS.length}`, null, "}\n"]);
      expect(((await of("bytes=99999-")) as unknown[]).slice(0, 2)).toEqual([416, `bytes */${LONG_CSS.length}`]);
      expect(((await of("bytes=4-2")) as unknown[])[0]).toBe(200);
      for (const [accept, encoding] of [["gzip, deflate, br", "br"], ["gzip", "gzip"], ["br;q=0, gzip;q=0.5", "gzip"], ["identity", null], ["*", "br"]] as const) {
        const answer = await site("/style.css", { "accept-encoding": accept }, "HEAD");
        expect([answer.headers.get("content-encoding"), Number(answer.headers.get("content-length")) < LONG_CSS.length], accept).toEqual([encoding, encoding !== null]);
      }
      const packed = await site("/style.css", { "accept-encoding": "br" });
      expect(packed.headers.get("etag")).toBe(`${etag.slice(0, -1)}-br"`);
      expect((await site("/style.css", { "accept-encoding": "br", "if-none-match": etag })).status).toBe(200);
    });
  });

  describe("on an origin that the API has as well", () => {
    test("has no HTML where there is a host for it, and sandboxed documents where there is none", async () => {
      const home = await shared("/acme/");
      expect([home.status, home.headers.get("location")]).toEqual([302, "http://acme.assets.api.example.com/"]);
      expect(await text(shared("/acme/style.css"))).toEqual([200, LONG_CSS]);
      const own = await backend.fetch("http://acme.api.example.com/assets/v1/about?a=1", { redirect: "manual" });
      expect([own.status, own.headers.get("location")]).toEqual([302, "http://acme.assets.api.example.com/about?a=1"]);
      expect((await backend.fetch("http://acme.api.example.com/assets/v1/style.css")).status).toBe(200);
      await administer("PUT", "/files/pic.svg", JSON.stringify({ content: "<svg/>" }));
      expect((await shared("/acme/pic.svg")).headers.get("content-security-policy")).toMatch(/^sandbox(?!.*allow-same-origin)/);
      expect((await site("/pic.svg")).headers.get("content-security-policy")).toBeNull();
      expect([(await shared("/acme")).headers.get("location"), (await shared("/nobody/x")).status]).toEqual(["./acme/", 404]);
    });
  });

  describe("the next release", () => {
    test("replaces all at once, shares what is the same, and is taken back in one call", async () => {
      const before = (await site("/style.css")).headers.get("last-modified");
      const { storedBytes, id } = (await (await publish([{ name: "index.html", content: "<h1>Two</h1>" }, { name: "style.css", content: LONG_CSS }])).json()) as { storedBytes: number; id: string };
      expect(storedBytes).toBe("<h1>Two</h1>".length);
      expect(await text(site("/"))).toEqual([200, "<h1>Two</h1>"]);
      expect((await site("/about")).status).toBe(404);
      expect((await site("/style.css")).headers.get("last-modified")).toBe(before);
      expect(await (await administer("POST", "/rollback")).json()).toMatchObject({ isCurrent: true, files: 10 });
      expect(await text(site("/about"))).toEqual([200, "<h1>About</h1>"]);
      expect(await tenant.assets.rollback(id)).toMatchObject({ id, isCurrent: true });
      expect(await text(site("/"))).toEqual([200, "<h1>Two</h1>"]);
      await expect(tenant.assets.rollback("999")).rejects.toMatchObject({ code: "PLINTH_ASSETS_RELEASE_NOT_FOUND" });
    });

    test("pushes out the oldest, with the bytes that no other has", async () => {
      for (const content of ["a", "b", "c"]) expect(await tenant.assets.publish({ files: [{ path: "index.html", content }] }, { label: content })).toMatchObject({ problems: [] });
      const releases = await tenant.assets.releases();
      expect(releases.map(({ label, isCurrent }) => [label, isCurrent])).toEqual([["c", true], ["b", false], ["a", false]]);
      expect(await keysOf()).toBe(3);
      expect((await administer("DELETE", `/releases/${releases[0]!.id}`)).status).toBe(409);
      expect((await administer("DELETE", `/releases/${releases[2]!.id}`)).status).toBe(200);
      expect(await keysOf()).toBe(2);
    });

    test("may come as many files", async () => {
      const files = [{ path: "index.html", content: "json" }, { path: "a/b.bin", content: Buffer.from([0, 255]).toString("base64"), encoding: "base64" }];
      expect((await administer("POST", "/releases", JSON.stringify({ files, label: "j" }))).status).toBe(201);
      expect(Buffer.from(await (await site("/a/b.bin")).arrayBuffer())).toEqual(Buffer.from([0, 255]));
      const inside = [{ path: "index.html", content: "inside" }, { path: "_headers", content: "/*\n  Set-Cookie: a=b\n" }];
      expect(await tenant.assets.publish({ files: inside })).toMatchObject({ files: 2, isCurrent: true, problems: ["_headers:2: Set-Cookie can't be set"] });
    });

    test("is one of several that come at once", async () => {
      const contents = ["p", "q", "r", "s"].map((letter) => letter.repeat(2_000));
      await Promise.all(contents.map((content) => tenant.assets.publish({ files: [{ path: "index.html", content }, { path: "same.txt", content: "same" }] })));
      const [, served] = await text(site("/"));
      expect(contents).toContain(served);
      expect(await text(site("/same.txt"))).toEqual([200, "same"]);
      expect(await keysOf()).toBe(4);
    });
  });

  describe("an archive that means ill", () => {
    const bad: ReadonlyArray<readonly [string, readonly TarEntry[], string]> = [
      ["leads out", [{ name: "../x", content: "x" }], "PLINTH_ASSETS_ARCHIVE_REFUSED"],
      ["leads out below", [{ name: "a/../../x", content: "x" }], "PLINTH_ASSETS_ARCHIVE_REFUSED"],
      ["is absolute", [{ name: "/etc/x", content: "x" }], "PLINTH_ASSETS_ARCHIVE_REFUSED"],
      ["has a drive", [{ name: "C:/x", content: "x" }], "PLINTH_ASSETS_ARCHIVE_REFUSED"],
      ["has backslashes", [{ name: "..\\x", content: "x" }], "PLINTH_ASSETS_ARCHIVE_REFUSED"],
      ["has a link", [{ name: "a", type: "2", link: "/etc/passwd" }], "PLINTH_ASSETS_ARCHIVE_REFUSED"],
      ["has a hard link", [{ name: "a", type: "1", link: "index.html" }], "PLINTH_ASSETS_ARCHIVE_REFUSED"],
      ["has a device", [{ name: "a", type: "3" }], "PLINTH_ASSETS_ARCHIVE_REFUSED"],
      ["has a pipe", [{ name: "a", type: "6" }], "PLINTH_ASSETS_ARCHIVE_REFUSED"],
      ["has a sparse file", [{ name: "a", type: "S", content: "x" }], "PLINTH_ASSETS_ARCHIVE_REFUSED"],
      ["has a path twice", [{ name: "a", content: "1" }, { name: "./a", content: "2" }], "PLINTH_ASSETS_DUPLICATE_PATH"],
      ["has too many files", Array.from({ length: 21 }, (_, index) => ({ name: `${index}`, content: "x" })), "PLINTH_ASSETS_RELEASE_TOO_LARGE"],
      ["has a file that is too large", [{ name: "a", content: "x".repeat(300_001) }], "PLINTH_ASSETS_FILE_TOO_LARGE"],
      ["is too large", [{ name: "a", content: "x".repeat(250_000) }, { name: "b", content: "y".repeat(250_000) }], "PLINTH_ASSETS_RELEASE_TOO_LARGE"],
      ["is empty", [], "PLINTH_ASSETS_RELEASE_EMPTY"],
    ];

    test("is refused with what is wrong, and nothing is kept", async () => {
      const [, before] = await text(site("/"));
      const blobs = await keysOf();
      for (const [name, entries, code] of bad) {
        const response = await publish([...(entries.length === 0 ? [] : [{ name: "first.txt", content: `only of this: ${name}` }]), ...entries]);
        expect(await response.json(), name).toMatchObject({ code });
        expect(response.status, name).toBeGreaterThanOrEqual(400);
      }
      const archive = gzipSync(tarOf([{ name: "a", content: "x".repeat(1_000) }]));
      const bomb = gzipSync(tarOf([{ name: "a", content: "\0".repeat(20_000_000) }]));
      for (const [bytes, code] of [[archive.subarray(0, archive.length - 20), "PLINTH_ASSETS_ARCHIVE_INVALID"], [Buffer.from("no archive at all"), "PLINTH_ASSETS_ARCHIVE_INVALID"], [tarOf([{ name: "a", content: "x".repeat(1_000) }]).subarray(0, 900), "PLINTH_ASSETS_ARCHIVE_INVALID"], [bomb, "PLINTH_ASSETS_FILE_TOO_LARGE"]] as const) {
        const response = await administer("POST", "/releases", bytes, { "content-type": "application/gzip" });
        expect(await response.json()).toMatchObject({ code });
      }
      const [, after] = await text(site("/"));
      expect([after, await keysOf()]).toEqual([before, blobs]);
      expect(await backend.sql("select 1 from assets.releases where state = 'staged'")).toEqual([]);
    });
  });

  describe("a file", () => {
    test("is made, replaced, listed and deleted", async () => {
      const made = await administer("POST", "/files/dir/note.txt", JSON.stringify({ content: "Grüße", cacheControl: "no-store" }));
      expect([made.status, await made.json()]).toEqual([201, { path: "dir/note.txt", size: 7, contentType: "text/plain; charset=utf-8", etag: expect.stringMatching(/^"[0-9a-f]{32}"$/), cacheControl: "no-store", updatedAt: expect.any(String), url: "http://acme.assets.api.example.com/dir/note.txt" }]);
      expect((await site("/dir/note.txt")).headers.get("cache-control")).toBe("no-store");
      expect(await (await administer("POST", "/files/dir/note.txt", JSON.stringify({ content: "x" }))).json()).toMatchObject({ code: "PLINTH_ASSETS_FILE_EXISTS" });
      expect((await administer("PUT", "/files/dir/note.txt", Buffer.from("streamed"), { "content-type": "application/octet-stream" })).status).toBe(200);
      expect(await text(site("/dir/note.txt"))).toEqual([200, "streamed"]);
      expect((await administer("PUT", "/files/a%2f..%2fb", "{}")).status).toBe(400);
      expect((await administer("PUT", "/files/large", Buffer.alloc(300_001), { "content-type": "application/octet-stream" })).status).toBe(413);
      expect((await administer("PUT", "/files/b64", JSON.stringify({ content: "%%%", encoding: "base64" }))).status).toBe(400);
      expect(await (await administer("GET", "/files?prefix=dir/&limit=1")).json()).toMatchObject({ files: [{ path: "dir/note.txt", size: 8 }], next: null });
      expect((await administer("DELETE", "/files/dir/note.txt")).status).toBe(200);
      expect((await administer("DELETE", "/files/dir/note.txt")).status).toBe(404);
      expect((await site("/dir/note.txt")).status).toBe(404);
    });

    test("stands in for those that aren't there, where the settings say so", async () => {
      await administer("PUT", "/files/index.html", JSON.stringify({ content: "<app>" }));
      expect(await (await administer("PATCH", "/settings", JSON.stringify({ spaFallbackPath: "index.html", cacheControl: "public, max-age=9" }))).json()).toMatchObject({ spaFallbackPath: "index.html", cacheControl: "public, max-age=9", keptReleases: 2 });
      expect(await text(site("/any/route"))).toEqual([200, "<app>"]);
      expect(await text(site("/any/v1.2", { accept: "text/html,*/*" }))).toEqual([200, "<app>"]);
      expect((await site("/any/missing.js")).status).toBe(404);
      expect((await site("/same.txt")).headers.get("cache-control")).toBe("public, max-age=9");
      expect(await (await administer("PATCH", "/settings", JSON.stringify({ spaFallbackPath: null, cacheControl: null }))).json()).toMatchObject({ spaFallbackPath: null, cacheControl: "public, max-age=3600" });
      expect((await administer("PATCH", "/settings", JSON.stringify({ cacheControl: "a\r\nb" }))).status).toBe(400);
      expect((await administer("PATCH", "/settings", JSON.stringify({ maxFiles: 1 }))).status).toBe(400);
    });
  });

  describe("at a domain of its own", () => {
    const at = (path: string, headers: Readonly<Record<string, string>> = {}, method = "GET") => backend.fetch(`http://www.acme.example${path}`, { method, headers, redirect: "manual" });

    test("is all that answers there, at the root, as on its own host", async () => {
      await administer("PUT", "/files/index.html", JSON.stringify({ content: "<h1>www</h1>" }));
      const domains = backend.projects.domains("acme");
      expect(await domains.add("www.acme.example")).toMatchObject({ serves: "api" });
      expect((await at("/assets/v1/same.txt")).status).toBe(200);
      expect((await at("/rest/v1/", admin)).status).toBe(200);
      expect(await domains.add("WWW.acme.example", { serves: "site" })).toMatchObject({ domain: "www.acme.example", serves: "site" });
      expect(await domains.add("www.acme.example")).toMatchObject({ serves: "site" });
      expect(await domains.list()).toMatchObject([{ domain: "www.acme.example", serves: "site" }]);
      const home = await at("/");
      expect([home.status, home.headers.get("content-security-policy"), await home.text()]).toEqual([200, null, "<h1>www</h1>"]);
      expect(await text(at("/same.txt"))).toEqual([200, "same"]);
      for (const path of ["/rest/v1/", "/auth/v1/settings", "/storage/v1/bucket", "/assets/admin/v1/files", "/assets/v1/same.txt", "/.well-known/jwks.json"]) expect((await at(path, admin)).status, path).toBe(404);
      expect((await at("/", {}, "POST")).status).toBe(405);
      // What a client adds changes nothing, and another project's domain is another's.
      expect((await site("/", { "x-forwarded-host": "www.acme.example" })).status).toBe(200);
      const lie = await backend.fetch("http://localhost/rest/v1/", { headers: { ...admin, "x-forwarded-host": "www.acme.example" } });
      expect(lie.status).toBe(200);
      await expect(domains.add("www.acme.example", { serves: "both" as "api" })).rejects.toMatchObject({ code: "PLINTH_DOMAIN_INVALID" });
    });

    test("is no longer there once the domain is taken away, nor anybody else's then", async () => {
      await backend.projects.domains("acme").remove("www.acme.example");
      expect((await at("/")).status).toBe(404);
      expect((await at("/assets/v1/acme/same.txt")).status).toBe(200);
      // Each change of a project opens it anew.
      tenant = await backend.tenant();
    });
  });

  describe("its administration", () => {
    test("is for the service role of the project alone", async () => {
      const other = await backend.projects.create({ ref: "other" });
      const stranger = { apikey: other.serviceRoleKey };
      const doors = [["GET", "/files"], ["GET", "/files/index.html"], ["POST", "/files/x"], ["GET", "/releases/1"], ["PUT", "/files/x"], ["DELETE", "/files/index.html"], ["GET", "/releases"], ["POST", "/releases"], ["POST", "/rollback"], ["DELETE", "/releases/1"], ["GET", "/settings"], ["PATCH", "/settings"]] as const;
      for (const [method, path] of doors) {
        for (const who of [backend.headersFor("anon"), backend.headersFor({ sub: "11111111-1111-4111-8111-111111111111" })]) {
          expect((await backend.fetch(`http://localhost/assets/admin/v1${path}`, { method, headers: who })).status, `${method} ${path}`).toBe(403);
        }
        expect((await backend.fetch(`http://localhost/assets/admin/v1${path}`, { method })).status).toBe(401);
        expect((await backend.fetch(`http://acme.api.example.com/assets/admin/v1${path}`, { method, headers: stranger })).status).toBe(401);
      }
      expect((await backend.fetch("http://localhost/assets/admin/v1/files/mine.txt", { method: "PUT", body: JSON.stringify({ content: "other's" }), headers: { ...stranger, "content-type": "application/json" } })).status).toBe(200);
      expect((await site("/mine.txt")).status).toBe(404);
      expect(await text(backend.fetch("http://other.assets.api.example.com/mine.txt"))).toEqual([200, "other's"]);
      expect((await site("/same.txt", stranger)).status).toBe(401);
      expect(await text(shared("/other/mine.txt"))).toEqual([200, "other's"]);
      for (const role of ["anon", "authenticated"]) {
        await expect(tenant.execute({ role, claims: { role } }, [{ sql: "select 1 from assets.files", parameters: [] }])).rejects.toMatchObject({ code: "42501" });
      }
    });
  });
});
