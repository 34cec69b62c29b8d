import { gzipSync } from "node:zlib";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openNativeOrEmbedded } from "./support/open-backend.ts";
import { tarOf, type TarEntry } from "./support/tar-of.ts";
import { NATIVE_UNLESS_LONG } from "../support/native-unless-long.ts";

const CSS = "body { color: rebeccapurple; }\n".repeat(200);
const MAX_FILE = 300_000;

/** A PAX header for the entry after it (POSIX.1-2001, "pax Extended Header"). */
function pax(records: Readonly<Record<string, string>>, type = "x"): TarEntry {
  const lines = Object.entries(records).map(([name, value]) => {
    const rest = ` ${name}=${value}\n`;
    const length = Buffer.byteLength(rest);
    return `${length + String(length + String(length).length).length}${rest}`;
  });
  return { name: "x", type, content: lines.join("") };
}

describeDatabases("a site, attacked", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases, { project: { ref: "acme" }, domains: { base: "api.example.com" }, assets: { maxFileBytes: MAX_FILE, maxReleaseBytes: 5_000_000, maxFiles: 50, keptReleases: 2 } }));
  });
  afterAll(() => close());

  const site = (path: string, headers: Readonly<Record<string, string>> = {}, method = "GET") => backend.fetch(`http://acme.assets.api.example.com${path}`, { method, headers, redirect: "manual" });
  const administer = (method: string, path: string, body?: string | Uint8Array, headers: Readonly<Record<string, string>> = {}) =>
    backend.fetch(`http://localhost/assets/admin/v1${path}`, { method, ...(body === undefined ? {} : { body: body as string }), headers: { apikey: backend.serviceRoleKey, ...(typeof body === "string" ? { "content-type": "application/json" } : {}), ...headers } });
  const archive = (bytes: Uint8Array) => administer("POST", "/releases", bytes, { "content-type": "application/gzip" });
  const publish = (files: Readonly<Record<string, string>>) => archive(gzipSync(tarOf(Object.entries(files).map(([name, content]) => ({ name, content })))));
  const moved = async (path: string): Promise<unknown> => site(path).then(({ status, headers }) => [status, headers.get("location")]);
  const text = async (answer: Promise<Response>): Promise<[number, string]> => answer.then(async (response) => [response.status, await response.text()]);

  describe("by the names of its files", () => {
    const NAMES = ["a b.txt", "what?.txt", "hash#1.txt", "100%.txt", "%2e%2e.txt", "Grüße.txt", "UPPER.txt", "upper.txt", "+&=;,.txt", "'\"<>.txt", "...txt", "日本/語.txt", "ab:c.txt", "-rf.txt", "__proto__", "constructor"];

    test("serves each at its own address, which its listing tells", async () => {
      expect((await publish({ ...Object.fromEntries(NAMES.map((name) => [name, `I am ${name}`])), ["__proto__"]: "I am __proto__" })).status).toBe(201);
      const { files } = (await (await administer("GET", "/files?limit=100")).json()) as { files: { path: string; url: string }[] };
      expect(files.map(({ path }) => path).sort()).toEqual([...NAMES].sort());
      for (const { path, url } of files) expect(await text(backend.fetch(url)), url).toEqual([200, `I am ${path}`]);
      // The same in another form of Unicode.
      expect(await text(site(`/${encodeURIComponent("Grüße.txt".normalize("NFD"))}`))).toEqual([200, "I am Grüße.txt"]);
    });

    test("takes one name for one file, however it is written", async () => {
      expect(await (await publish({ "Grüße.txt": "1", ["Grüße.txt".normalize("NFD")]: "2" })).json()).toMatchObject({ code: "PLINTH_ASSETS_DUPLICATE_PATH" });
    });

    test("finds nothing by dots and slashes, however they are encoded", async () => {
      for (const path of ["/%2e%2e/UPPER.txt", "/..%2fUPPER.txt", "/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/.%2e/x", "/%5c..%5cx", "/x%00.txt", "//UPPER.txt", "/%2fUPPER.txt", "/%c0%ae%c0%ae/x", "/UPPER.txt/", "/UPPER.txt/."]) {
        const answer = await backend.fetch(new Request(`http://acme.assets.api.example.com${path}`));
        expect([200, 404], path).toContain(answer.status);
        // What URLs themselves make of dots is no way out: it is the same file.
        if (answer.status === 200) expect(await answer.text(), path).toBe("I am UPPER.txt");
      }
      expect((await site("/%2fUPPER.txt")).status).toBe(404);
      expect((await site("//UPPER.txt")).status).toBe(404);
    });
  });

  describe("by archives", () => {
    const sized = (size: Buffer | string): Buffer => {
      const bytes = tarOf([{ name: "a.txt", content: "x" }]);
      bytes.write("".padEnd(12, "\0"), 124);
      if (typeof size === "string") bytes.write(size, 124);
      else size.copy(bytes, 124);
      bytes.write("        ", 148);
      bytes.write(`${bytes.subarray(0, 512).reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0")}\0 `, 148);
      return bytes;
    };
    const huge = Buffer.from([0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    const negative = Buffer.alloc(12, 0xff);
    const file: TarEntry = { name: "ok.txt", content: "ok" };
    const bad: ReadonlyArray<readonly [string, () => Uint8Array]> = [
      ["a size beyond all numbers", () => sized(huge)],
      ["a negative size", () => sized(negative)],
      ["a size that is none", () => sized("zzzzzzzzzzz")],
      ["more announced than there is", () => sized("77777777777")],
      ["a PAX size that is negative", () => tarOf([pax({ size: "-1" }), file])],
      ["a PAX size that is none", () => tarOf([pax({ size: "NaN" }), file])],
      ["a PAX size that is huge", () => tarOf([pax({ size: "99999999999999999999" }), file])],
      ["a PAX path that leads out", () => tarOf([pax({ path: "../../x" }), file])],
      ["a PAX path that is absolute", () => tarOf([pax({ path: "/etc/passwd" }), file])],
      ["a PAX path with a zero", () => tarOf([pax({ path: "a\0b" }), file])],
      ["a path for all that leads out", () => tarOf([pax({ path: "../x" }, "g"), pax({ comment: "x" }), file])],
      ["a sparse file of PAX", () => tarOf([pax({ "GNU.sparse.name": "x", "GNU.sparse.realsize": "999999999" }), file])],
      ["a PAX header cut off", () => tarOf([{ name: "x", type: "x", content: "9999 path=x\n" }, { name: "", type: "0" }])],
      ["a long name that leads out", () => tarOf([{ name: "././@LongLink", type: "L", content: `${"a/".repeat(100)}../../x\0` }, file])],
      ["a long name without end", () => tarOf([{ name: "././@LongLink", type: "L", content: "a".repeat(5_000_000) }, file])],
      ["long names without end, one after the other", () => tarOf([...Array.from({ length: 6 }, () => ({ name: "././@LongLink", type: "L", content: "a".repeat(1_000_000) })), file])],
      ["a symbolic link behind a long name", () => tarOf([{ name: "././@LongLink", type: "K", content: "/etc/passwd\0" }, { name: "a", type: "2", link: "x" }])],
      ["a file of a kind that nobody knows", () => tarOf([{ name: "a", type: "Z", content: "x" }])],
      ["a volume's label", () => tarOf([{ name: "a", type: "V" }])],
      ["gzip in gzip", () => gzipSync(tarOf([file]))],
      ["an archive in another form", () => Buffer.from("PK\u0003\u0004 and so on ".repeat(100))],
      ["folders without end", () => tarOf(Array.from({ length: 600 }, (_, index) => ({ name: `d${index}/`, type: "5" })))],
      ["a folder that leads out", () => tarOf([{ name: "../d/", type: "5" }, file])],
      ["a name of 1,025 bytes", () => tarOf([pax({ path: "a".repeat(1_025) }), file])],
    ];

    test("refuses each of them, and keeps what was", async () => {
      await publish({ "index.html": "before" });
      const blobs = await backend.sql("select hash from assets.blobs order by 1");
      for (const [name, make] of bad) {
        const answer = await archive(gzipSync(make()));
        expect([answer.status, (await answer.json() as { code: string }).code], name).toEqual([expect.toSatisfy((status: number) => status === 400 || status === 413), expect.stringMatching(/^PLINTH_ASSETS_/)]);
      }
      expect(await text(site("/"))).toEqual([200, "before"]);
      expect(await backend.sql("select hash from assets.blobs order by 1")).toEqual(blobs);
      expect(await backend.sql("select 1 from assets.releases where state <> 'ready'")).toEqual([]);
      expect(await backend.sql("select 1 from assets.trash")).toEqual([]);
    });

    test("says in process which folder there isn't, and what a site is published as", async () => {
      const { assets } = await backend.tenant();
      for (const folder of ["/nowhere/at/all", import.meta.filename]) await expect(assets.publish({ folder })).rejects.toMatchObject({ code: "PLINTH_ASSETS_NO_FOLDER", message: expect.stringContaining(folder), hint: expect.any(String) });
      for (const source of ["dist", undefined, null]) await expect(assets.publish(source as never)).rejects.toMatchObject({ code: "PLINTH_ASSETS_INVALID_REQUEST" });
      expect(await text(site("/"))).toEqual([200, "before"]);
    });

    test("takes a file that is exactly as large as it may be, and none that is larger", async () => {
      const answers = [MAX_FILE, MAX_FILE + 1].map(async (size) => {
        const many = await archive(gzipSync(tarOf([{ name: "a", content: "ab".repeat(size / 2 + 1).slice(0, size) }])));
        const bytes = await administer("PUT", `/files/bytes-${size}`, Buffer.alloc(size, "ab"), { "content-type": "application/octet-stream" });
        const json = await administer("PUT", `/files/json-${size}`, JSON.stringify({ content: Buffer.alloc(size, "ab").toString("base64"), encoding: "base64" }));
        return [many.status, bytes.status, json.status];
      });
      expect(await Promise.all(answers)).toEqual([[201, 200, 200], [413, 413, 413]]);
    });
  });

  describe("by what its administration is told", () => {
    test("answers nonsense as such", async () => {
      const nonsense: ReadonlyArray<readonly [string, string, (string | Uint8Array)?, Readonly<Record<string, string>>?]> = [
        ["GET", "/files?prefix=%00"], ["GET", "/files?after=a%00"], ["GET", "/files?limit=0"], ["GET", "/files?limit=x"],
        ["POST", "/releases?label=a%00b", gzipSync(tarOf([{ name: "a", content: "x" }])), { "content-type": "application/gzip" }],
        ["POST", "/releases", JSON.stringify({ label: "\u0000", files: [{ path: "a", content: "x" }] })],
        ["POST", "/releases", JSON.stringify({ files: [{ path: "../a", content: "x" }] })],
        ["POST", "/releases", "[]"], ["POST", "/releases", "{"], ["POST", "/releases", "null"],
        ["PATCH", "/settings", JSON.stringify({ spaFallbackPath: "\u0000" })], ["PATCH", "/settings", JSON.stringify({ keptReleases: -1 })], ["PATCH", "/settings", "[1]"],
        ["PUT", "/files/a", JSON.stringify({ content: "=AAA", encoding: "base64" })], ["PUT", "/files/a", JSON.stringify({ content: "A", encoding: "base64" })],
        ["PUT", "/files/a", JSON.stringify({ content: "\ud800" })], ["PUT", "/files/a", JSON.stringify({ content: "x", encoding: "hex" })], ["PUT", "/files/a", JSON.stringify({ content: 1 })],
        ["PUT", "/files/a", JSON.stringify({ content: "x", cacheControl: "a\r\nSet-Cookie: b" })], ["PUT", "/files/a", "x", { "content-type": "text/plain", "x-cache-control": "a\u00e9" }],
        ["PUT", "/files/", "{}"], ["PUT", "/files/a%00b", "{}"], ["PUT", "/files/%ed%a0%80", "{}"], ["PUT", "/files/a%5cb", "{}"], ["PUT", "/files//a", "{}"],
      ];
      for (const [method, path, body, headers] of nonsense) {
        const answer = await administer(method, path, body, headers);
        expect(answer.status, `${method} ${path} ${String(body)}: ${await answer.clone().text()}`).toSatisfy((status: number) => status >= 400 && status < 500);
      }
      for (const id of ["0", "-1", "1e3", "99999999999999999999", "a", "1;drop"]) expect([(await administer("GET", `/releases/${id}`)).status, (await administer("DELETE", `/releases/${id}`)).status, (await administer("POST", "/rollback", JSON.stringify({ release: id }))).status], id).toEqual([404, 404, 404]);
    });
  });

  describe("by _redirects", () => {
    const RULES = [
      "/loop /loop 301!", "/loop2 /loop2?again=1 302!", "/all/* /all/:splat 301!", "/ping /pong", "/pong /ping", "/rewrite /rewrite 200", "/self/* /self/:splat 200",
      "/out/* https://example.org/:splat 302", "/host/:h https://:h.example.org/x", "/host2/:h https://example.org:h/", "/rel/:x //evil.example/:x", "/user/:u https://user@example.org/", "/js javascript:alert(1)", "/to/* /:splat 302",
      "/q/:x /s?x=:x 302", "/caf%C3%A9 /coffee 302", "/teapot /a 418", "/nothing /missing.html 404", "/rules /_redirects 200", "/rules2 /_headers 200", "/three/*/x/* /a", "relative /a", "/only-from",
    ];
    test("sends nobody round in circles, nor to a host that a path names", async () => {
      const published = await publish({ "index.html": "home", "404.html": "nothing", "all/page.html": "page", "self/a.txt": "a", "loop.html": "no loop", "_redirects": RULES.join("\n"), "_headers": "" });
      const { problems } = (await published.json()) as { problems: string[] };
      const refused = ["/host/", "/host2/", "/rel/", "/user/", "/js", "/teapot", "/three/", "relative", "/only-from"];
      expect(problems.map((problem) => Number(/:(\d+):/.exec(problem)?.[1]))).toEqual(refused.map((start) => RULES.findIndex((rule) => rule.startsWith(start)) + 1));
      expect(await text(site("/loop"))).toEqual([200, "no loop"]);
      expect((await site("/loop2")).status).toBe(404);
      expect(await text(site("/all/page"))).toEqual([200, "page"]);
      expect(await text(site("/self/a.txt"))).toEqual([200, "a"]);
      for (const path of ["/rewrite", "/nothing", "/rules", "/rules2", "/host/evil", "/rel/x", "/js"]) expect(await text(site(path)), path).toEqual([404, "nothing"]);
      expect(await moved("/out//@evil.example")).toEqual([302, expect.stringMatching(/^https:\/\/example\.org\//)]);
      for (const path of ["/to//evil.example", "/to/%2fevil.example", "/to/%5c%5cevil.example", "/to/%5cevil.example", "/to/%09//evil.example", "/to/https://evil.example"]) {
        const { headers } = await site(path);
        expect(new URL(headers.get("location")!, "http://acme.assets.api.example.com/to/x").host, `${path} → ${headers.get("location")}`).toBe("acme.assets.api.example.com");
      }
    });

    test("decodes what was asked for once, and makes no query of it", async () => {
      expect(await moved("/out/a%3Fb%23c")).toEqual([302, "https://example.org/a%3Fb%23c"]);
      expect(await moved("/out/%252e%252F%25")).toEqual([302, "https://example.org/%252e%252F%25"]);
      expect(await moved("/q/a%26b%3Dc")).toEqual([302, expect.not.stringContaining("#")]);
      expect(await moved("/q/1%262")).toEqual([302, "/s?x=1%262"]);
      expect(await moved("/caf%C3%A9")).toEqual([302, "/coffee"]);
      expect(await moved("/out/x%0d%0aSet-Cookie:a=b")).toEqual([302, "https://example.org/x%0D%0ASet-Cookie:a%3Db"]);
    });
  });

  describe("by _headers", () => {
    test("sets none that say how an answer is made, nor any that a server in front obeys", async () => {
      const names = ["Set-Cookie", "Content-Length", "Content-Type", "Content-Encoding", "Transfer-Encoding", "Connection", "Location", "ETag", "Vary", "X-Accel-Redirect", "X-Accel-Buffering", "X-Sendfile", "Status", "bad name", ":authority"];
      const published = await publish({ "index.html": "home", "about.html": "about", "blog/index.html": "blog", "a.txt": "a", _headers: `/*\n${names.map((name) => `  ${name}: /etc/passwd`).join("\n")}\n  X-One: 1\r\n  X-Two: a\u000bb\n  X-Three: \u00e9\n/\n  X-Page: home\n/about\n  X-Page: about\n/blog/\n  X-Page: blog\n/a.txt\n  X-Page: a\n` });
      const { problems } = (await published.json()) as { problems: string[] };
      expect(problems).toHaveLength(names.length + 2);
      const { headers } = await site("/");
      expect([headers.get("x-one"), headers.get("x-two"), headers.get("x-three")]).toEqual(["1", null, null]);
      for (const name of names.slice(0, -2)) expect(headers.get(name) ?? "", name).not.toContain("passwd");
      // A path is the one that is asked for, as Netlify and Cloudflare have it.
      for (const [path, page] of [["/", "home"], ["/about", "about"], ["/blog/", "blog"], ["/a.txt", "a"]] as const) expect((await site(path)).headers.get("x-page"), path).toBe(page);
    });

    test("leaves it out, with a word, where it is too large to be read on every change", async () => {
      const rules = (bytes: number) => publish({ "index.html": "home", _redirects: `/a /b\n${`#${" ".repeat(98)}\n`.repeat(3_000)}`.slice(0, bytes) });
      expect(await (await rules(262_144)).json()).toMatchObject({ problems: [] });
      expect((await site("/a")).status).toBe(301);
      expect(await (await rules(262_145)).json()).toMatchObject({ problems: ["_redirects: it is larger than 262144 bytes"] });
      expect((await site("/a")).status).toBe(404);
    });
  });

  describe("by conditions, ranges and encodings", () => {
    test("keeps each encoding's answers apart", async () => {
      await publish({ "style.css": CSS, "index.html": `<p>${"app ".repeat(400)}`, "404.html": `<p>${"nothing ".repeat(400)}` });
      const tags = new Map<string, string>();
      for (const encoding of ["br", "gzip", "identity"]) {
        const answer = await site("/style.css", { "accept-encoding": encoding });
        tags.set(encoding, answer.headers.get("etag")!);
        expect([answer.headers.get("content-encoding"), answer.headers.get("vary")], encoding).toEqual([encoding === "identity" ? null : encoding, "Accept-Encoding"]);
        for (const given of [tags.get(encoding)!, `W/${tags.get(encoding)!}`, `"x" , ${tags.get(encoding)!}`, "*"]) {
          const same = await site("/style.css", { "accept-encoding": encoding, "if-none-match": given });
          expect([same.status, same.headers.get("etag"), same.headers.get("vary"), same.headers.get("content-length"), await same.text()], given).toEqual([304, tags.get(encoding), "Accept-Encoding", null, ""]);
        }
        const head = await site("/style.css", { "accept-encoding": encoding }, "HEAD");
        expect([head.status, head.headers.get("content-length"), head.headers.get("etag"), await head.text()]).toEqual([200, answer.headers.get("content-length"), tags.get(encoding), ""]);
      }
      expect(new Set(tags.values()).size).toBe(3);
      expect((await site("/style.css", { "accept-encoding": "br", "if-none-match": tags.get("gzip")! })).status).toBe(200);
      // A part is of the bytes as they are; one of another form is no part of them.
      const part = async (headers: Readonly<Record<string, string>>): Promise<unknown> => site("/style.css", { range: "bytes=0-3", "accept-encoding": "br", ...headers }).then(({ status, headers: got }) => [status, got.get("content-encoding"), got.get("etag")]);
      expect(await part({})).toEqual([206, null, tags.get("identity")]);
      expect(await part({ "if-range": tags.get("identity")! })).toEqual([206, null, tags.get("identity")]);
      expect(((await part({ "if-range": tags.get("br")! })) as unknown[])[0]).toBe(200);
      expect(((await part({ "if-range": `W/${tags.get("identity")!}` })) as unknown[])[0]).toBe(200);
      for (const accept of ["br;q=-1", "gzip;q=-1", "br;q=5", "gzip;q=x", ";;;,,", "*;q=0", "identity;q=1, *;q=0"]) expect((await site("/style.css", { "accept-encoding": accept })).headers.get("content-encoding"), accept).toBeNull();
      const missing = await site("/x", { "accept-encoding": "br", "if-none-match": "*", range: "bytes=0-1" });
      expect([missing.status, missing.headers.get("etag"), missing.headers.get("content-encoding")]).toEqual([404, null, "br"]);
    });

    test("tells caches what an answer hangs on", async () => {
      await administer("PATCH", "/settings", JSON.stringify({ spaFallbackPath: "index.html" }));
      expect((await site("/any/v1.2", { accept: "text/html", "accept-encoding": "identity" })).headers.get("vary")).toBe("Accept-Encoding, Accept");
      const script = await site("/any/v1.2", { accept: "*/*" });
      expect([script.status, script.headers.get("vary")]).toEqual([404, "Accept-Encoding, Accept"]);
      expect((await site("/any/route")).headers.get("vary")).toBe("Accept-Encoding");
      await administer("PATCH", "/settings", JSON.stringify({ spaFallbackPath: "_headers" }));
      await administer("PUT", "/files/_headers", JSON.stringify({ content: "/*\n  X-A: b\n" }));
      expect((await site("/any/route")).status).toBe(404);
      await administer("PATCH", "/settings", JSON.stringify({ spaFallbackPath: null }));
    });
  });

  describe("by hosts that lie", () => {
    test("takes the project from the host alone, and from nothing that a client may add", async () => {
      const other = await backend.projects.create({ ref: "other" });
      const lies = { "x-forwarded-host": "other.assets.api.example.com", forwarded: "host=other.assets.api.example.com", "x-original-host": "other.assets.api.example.com", "x-host": "other.assets.api.example.com", "x-plinth-project-ref": "other" };
      expect((await site("/style.css", lies)).status).toBe(200);
      expect((await backend.fetch("http://other.assets.api.example.com/style.css")).status).toBe(404);
      for (const host of ["other.assets.api.example.com", "other.api.example.com"]) {
        for (const [method, path] of [["GET", "/files"], ["POST", "/releases"], ["PATCH", "/settings"]] as const) {
          const answer = await backend.fetch(`http://${host}/assets/admin/v1${path}`, { method, headers: { apikey: backend.serviceRoleKey } });
          expect(answer.status, `${host} ${path}`).toSatisfy((status: number) => [401, 404, 405].includes(status));
        }
      }
      for (const key of ["", "x", backend.anonKey, other.serviceRoleKey]) {
        const answer = await backend.fetch("http://acme.api.example.com/assets/admin/v1/files", { headers: key === "" ? {} : { apikey: key } });
        expect(answer.status, key).toSatisfy((status: number) => status === 401 || status === 403);
      }
      expect((await backend.fetch("http://acme.assets.api.example.com/style.css", { headers: { apikey: other.anonKey } })).status).toBe(401);
    });

    test("sends on by slashes to its own paths alone", async () => {
      await publish({ "a/b/index.html": "deep", "b/index.html": "other", "index.html": "home" });
      expect(await moved("/a/b")).toEqual([301, "./b/"]);
      const { headers } = await site("/a%2Fb");
      expect(new URL(headers.get("location")!, "http://acme.assets.api.example.com/a%2Fb").pathname).toBe("/a/b/");
    });
  });
}, NATIVE_UNLESS_LONG);
