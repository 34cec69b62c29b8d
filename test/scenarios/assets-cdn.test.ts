import { setTimeout as delay } from "node:timers/promises";
import { BackendError, type PublicBucket, type PublicHeaders, STORE_ERRORS } from "@plinth/core";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import type { BackendTenant } from "plinth";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openNativeOrEmbedded } from "./support/open-backend.ts";
import { NATIVE_UNLESS_LONG } from "../support/native-unless-long.ts";

const CSS = "body { color: rebeccapurple; }\n".repeat(50);

/** What S3 does, in memory, as it is told to fail. Notes in which order things are put and deleted. */
class Bucket implements PublicBucket {
  readonly id = "memory";
  readonly objects = new Map<string, { readonly text: string; readonly headers: PublicHeaders }>();
  readonly log: string[] = [];
  failing = false;
  slowMs = 0;
  onPut: ((name: string) => void) | undefined;

  async put(name: string, bytes: Uint8Array, headers: PublicHeaders): Promise<void> {
    if (this.slowMs > 0) await delay(this.slowMs);
    if (this.failing) throw new BackendError(STORE_ERRORS.unavailable);
    this.objects.set(name, { text: Buffer.from(bytes).toString("latin1"), headers });
    this.log.push(`put ${name}`);
    this.onPut?.(name);
  }

  async delete(names: readonly string[]): Promise<void> {
    if (this.failing) throw new BackendError(STORE_ERRORS.unavailable);
    for (const name of names) if (this.objects.delete(name)) this.log.push(`delete ${name}`);
  }

  async *list(prefix: string): AsyncGenerator<string, void> {
    for (const name of this.objects.keys()) if (name.startsWith(prefix)) yield name;
  }

  below(prefix: string): string[] {
    return [...this.objects.keys()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length)).sort();
  }
}

describeDatabases("a site in a CDN's bucket", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  let tenant: BackendTenant;
  const bucket = new Bucket();
  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases, { project: { ref: "acme" }, assets: { keptReleases: 1, cdn: { store: bucket, url: "https://cdn.example.net/", encoding: "gzip" } } }));
    tenant = await backend.tenant();
  });
  afterAll(() => close());
  beforeEach(() => void (bucket.log.length = 0));

  const administer = (method: string, path: string, body?: unknown) =>
    backend.fetch(`http://localhost/assets/admin/v1${path}`, { method, headers: { apikey: backend.serviceRoleKey, "content-type": "application/json" }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const publish = (files: Readonly<Record<string, string>>) => tenant.assets.publish({ files: Object.entries(files).map(([path, content]) => ({ path, content })) });

  const ONE = { "index.html": "one", "blog/index.html": "blog", "about.html": "about", "app.3f2a9c1b.js": "first()", "style.css": CSS, _headers: "/style.css\n  Cache-Control: no-cache\n", _redirects: "/x /y\n" };

  describe("that is published", () => {
    test("has its files below their public names, pages last, with what they are", async () => {
      bucket.objects.set("acme/of-others.txt", { text: "left by somebody", headers: { contentType: "text/plain", cacheControl: "" } });
      bucket.objects.set("acmeplus/x", { text: "another's", headers: { contentType: "text/plain", cacheControl: "" } });
      expect(await publish(ONE)).toMatchObject({ cdn: "current" });
      expect(bucket.below("acme/")).toEqual(["", "about", "about.html", "app.3f2a9c1b.js", "blog/", "blog/index.html", "index.html", "style.css"]);
      expect(bucket.below("acmeplus/")).toEqual(["x"]);
      const order = bucket.log.map((line) => line.replace("acme/", ""));
      expect(order.indexOf("put app.3f2a9c1b.js")).toBe(0);
      expect(order.indexOf("put style.css")).toBe(1);
      expect(order.at(-1)).toBe("delete of-others.txt");
      expect(bucket.objects.get("acme/")).toEqual({ text: "one", headers: { contentType: "text/html; charset=utf-8", cacheControl: "public, max-age=0, must-revalidate", contentEncoding: undefined, contentDisposition: undefined, contentLanguage: undefined } });
      expect(bucket.objects.get("acme/app.3f2a9c1b.js")?.headers).toMatchObject({ contentType: "text/javascript; charset=utf-8", cacheControl: "public, max-age=31536000, immutable" });
      const style = bucket.objects.get("acme/style.css")!;
      expect([style.headers.contentEncoding, style.headers.cacheControl, style.text.length < CSS.length]).toEqual(["gzip", "no-cache", true]);
    });

    test("is told of by the CDN's addresses, and served by the backend as well", async () => {
      expect(await (await administer("GET", "/files?prefix=blog")).json()).toMatchObject({ files: [{ url: "https://cdn.example.net/acme/blog/index.html" }] });
      expect(await (await backend.fetch("http://localhost/assets/v1/acme/blog/")).text()).toBe("blog");
    });

    test("changes by what is another, and keeps what pages of before name", async () => {
      await publish({ ...ONE, "index.html": "two", "app.3f2a9c1b.js": "", "app.0badc0de.js": "second()", "style.css": CSS, "new.txt": "new" });
      expect(bucket.log).toEqual(expect.arrayContaining(["put acme/index.html", "put acme/", "put acme/app.0badc0de.js", "put acme/new.txt"]));
      expect(bucket.log).not.toContain("put acme/style.css");
      bucket.log.length = 0;
      const three = await publish({ "index.html": "three", "app.77777777a.js": "third()" });
      expect(bucket.below("acme/")).toEqual(["", "app.0badc0de.js", "app.3f2a9c1b.js", "app.77777777a.js", "index.html"]);
      expect(bucket.log.findIndex((line) => line.startsWith("delete"))).toBeGreaterThan(bucket.log.lastIndexOf("put acme/index.html"));
      await tenant.assets.rollback();
      expect([bucket.objects.get("acme/")?.text, bucket.below("acme/").includes("about"), bucket.below("acme/").includes("app.77777777a.js")]).toEqual(["two", true, true]);
      expect((await administer("DELETE", `/releases/${three.id}`)).status).toBe(200);
      expect(bucket.below("acme/")).not.toContain("app.77777777a.js");
    });

    test("follows single files and settings", async () => {
      expect((await administer("PUT", "/files/note.txt", { content: "note", cacheControl: "no-store" })).status).toBe(200);
      expect(bucket.objects.get("acme/note.txt")).toMatchObject({ text: "note", headers: { cacheControl: "no-store" } });
      expect((await administer("PATCH", "/settings", { cacheControl: "public, max-age=5" })).status).toBe(200);
      expect([bucket.objects.get("acme/new.txt")?.headers.cacheControl, bucket.objects.get("acme/note.txt")?.headers.cacheControl]).toEqual(["public, max-age=5", "no-store"]);
      expect((await administer("DELETE", "/files/note.txt")).status).toBe(200);
      expect(bucket.objects.has("acme/note.txt")).toBe(false);
    });
  });

  describe("whose bucket fails", () => {
    test("is served by the backend, and follows in the bucket by itself", async () => {
      bucket.failing = true;
      expect(await publish({ "index.html": "four", "a.txt": "a" })).toMatchObject({ cdn: "behind", isCurrent: true });
      expect(await (await backend.fetch("http://localhost/assets/v1/acme/")).text()).toBe("four");
      expect(bucket.objects.get("acme/")?.text).toBe("two");
      bucket.failing = false;
      await expect.poll(() => bucket.objects.get("acme/")?.text, { timeout: 10_000 }).toBe("four");
      await expect.poll(() => bucket.below("acme/").includes("about"), { timeout: 10_000 }).toBe(false);
    });

    test("is taken up where a process has died over it, without a row that says more than there is", async () => {
      // As it is left by one that was killed: its lease is over, something was being put, something was being deleted.
      await backend.sql("update assets.cdn set worker = 'dead', worked_until = now() - interval '1 second', revision = null");
      await backend.sql("update assets.cdn_files set form = null where name = 'a.txt'");
      await backend.sql("insert into assets.cdn_files values ('half-deleted.txt', null)");
      bucket.objects.set("acme/half-deleted.txt", { text: "x", headers: { contentType: "text/plain", cacheControl: "" } });
      bucket.objects.set("acme/a.txt", { text: "something else", headers: { contentType: "text/plain", cacheControl: "" } });
      expect((await administer("PUT", "/files/b.txt", { content: "b" })).status).toBe(200);
      expect([bucket.below("acme/").filter((name) => !name.startsWith("app.")), bucket.objects.get("acme/a.txt")?.text]).toEqual([["", "a.txt", "b.txt", "index.html"], "a"]);
    });
  });

  describe("that is published several times at once", () => {
    test("ends with what is served, whichever that is", async () => {
      bucket.slowMs = 5;
      await Promise.all(["p", "q", "r", "s"].map((text) => publish({ "index.html": text, [`${text}.txt`]: text })));
      bucket.slowMs = 0;
      const served = await (await backend.fetch("http://localhost/assets/v1/acme/")).text();
      expect([bucket.objects.get("acme/")?.text, bucket.below("acme/")]).toEqual([served, ["", "index.html", `${served}.txt`].sort()]);
      // While it is being put, another takes it back.
      bucket.onPut = () => {
        bucket.onPut = undefined;
        void tenant.assets.rollback();
      };
      await publish({ "index.html": "t", "t.txt": "t" });
      await expect.poll(() => bucket.objects.get("acme/")?.text, { timeout: 10_000 }).toBe(served);
      await expect.poll(() => bucket.below("acme/"), { timeout: 10_000 }).toEqual(["", "index.html", `${served}.txt`].sort());
    });
  });

  describe("on the API's origin, where there is no host for it", () => {
    test("runs documents with no rights of that origin, unless that is allowed", async () => {
      const documents = { "index.html": "<h1>", "pic.svg": "<svg/>", "feed.xml": "<a/>", "model.dae": "<a/>", "page.xhtml": "<a/>", "sheet.xsl": "<a/>", "404.html": "<p>" };
      const files = { ...documents, "a.js": "1", "a.css": "a{}", _headers: "/*\n  Clear-Site-Data: *\n  Service-Worker-Allowed: /\n  Content-Security-Policy: default-src 'self'\n" };
      await backend.projects.create({ ref: "loose", settings: { assets: { htmlOnSharedOrigin: "allow" } } });
      for (const ref of ["acme", "loose"]) await (await backend.tenant(ref)).assets.publish({ files: Object.entries(files).map(([path, content]) => ({ path, content })) });
      const policy = async (ref: string, name: string): Promise<string | null> => (await backend.fetch(`http://localhost/assets/v1/${ref}/${name}`)).headers.get("content-security-policy");
      for (const name of ["", ...Object.keys(documents), "missing"]) {
        expect(await policy("acme", name), name).toMatch(/^default-src 'self', sandbox(?!.*allow-same-origin)/);
        expect(await policy("loose", name), name).toBe("default-src 'self'");
      }
      expect(await policy("acme", "a.js")).toBe("default-src 'self'");
      for (const ref of ["acme", "loose"]) {
        const { headers } = await backend.fetch(`http://localhost/assets/v1/${ref}/a.js`);
        expect([headers.get("clear-site-data"), headers.get("service-worker-allowed"), headers.get("x-content-type-options")]).toEqual([null, null, "nosniff"]);
      }
      await expect(backend.projects.update("loose", { settings: { assets: { htmlOnSharedOrigin: "never" } } })).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID" });
    });
  });

  describe("of a project that is renamed, and one that is deleted", () => {
    test("moves along, and takes nothing of whoever has the ref then", async () => {
      const made = await backend.projects.create({ ref: "first" });
      const put = async (ref: string, content: string): Promise<void> => void (await (await backend.tenant(ref)).assets.publish({ files: [{ path: "index.html", content }] }));
      await put("first", "one");
      await backend.projects.rename("first", "second");
      await put("second", "two");
      expect([bucket.below("first/"), bucket.objects.get("second/")?.text]).toEqual([[], "two"]);
      await backend.projects.rename("second", "third");
      const other = await backend.projects.create({ ref: "second" });
      await put("second", "another's");
      await put("third", "three");
      expect([bucket.objects.get("second/")?.text, bucket.objects.get("third/")?.text]).toEqual(["another's", "three"]);
      await backend.projects.delete("third");
      expect([bucket.below("third/"), bucket.objects.get("second/")?.text]).toEqual([[], "another's"]);
      await backend.projects.delete("second");
      expect([bucket.below("second/"), made.ref, other.ref]).toEqual([[], "first", "second"]);
      expect(bucket.below("acme/")).not.toEqual([]);
    });
  });
}, NATIVE_UNLESS_LONG);
