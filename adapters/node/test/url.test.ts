import { reply } from "@plinth/core";
import { toNodeHandler } from "@plinth/node";
import type { NodeHandlerOptions } from "@plinth/node";
import { expect, test } from "vitest";
import { rawSocket, readAll, viaHttp } from "./conformance/clients.ts";
import { handlerOf } from "./conformance/host.ts";
import { listen } from "./listen.ts";

async function withHandler(options: NodeHandlerOptions, use: (url: string) => Promise<void>): Promise<void> {
  const host = await listen(toNodeHandler(handlerOf((request) => reply(`<${request.url}>`)), options));
  await use(host.url).finally(() => host.close());
}

/** The answer to a request line as it stands. */
async function ask(url: string, target: string, host = "h"): Promise<string> {
  return readAll(rawSocket(url, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`));
}

test.each([
  ["/a/../b/./c", "/b/c"],
  ["/a/%2e%2E/b", "/b"],
  ["/a?x=/../y", "/a?x=/../y"],
  ['/a"<b>`?q="<x>\'', "/a%22%3Cb%3E%60?q=%22%3Cx%3E%27"],
  ["//evil.example/x", "//evil.example/x"],
  ["http://elsewhere/x?a=1", "/x?a=1"],
  ["*", "/*"],
])("the target %s becomes the path %s, as in a genuine Request", async (target, path) => {
  await withHandler({}, async (url) => {
    const expected = `http://h${path}`;
    expect(new Request(expected).url).toBe(expected);
    expect(await ask(url, target)).toContain(`<${expected}>`);
  });
});

test.each(["a/b", "a@b", "a b", "a?b", "a#b", "a\\b"])("a host like %s can't pretend to be another path", async (host) => {
  await withHandler({}, async (url) => {
    const answer = await ask(url, "/x", host);
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain("PLINTH_REQUEST_MALFORMED");
  });
});

test.each(["h:8080", "[::1]:80", "a-b.example", "127.0.0.1"])("a host like %s is taken", async (host) => {
  await withHandler({}, async (url) => expect(await ask(url, "/x", host)).toContain(`<http://${host}/x>`));
});

test("a base path has a border", async () => {
  await withHandler({ basePath: "api/" }, async (url) => {
    const answers = ["/api", "/api?a=1", "/api/", "/api/x", "/apix", "/", "/other"];
    const texts = await Promise.all(answers.map(async (path) => viaHttp(url + path).then(({ status, text }) => (status === 200 ? text.replace(url, "") : status))));
    expect(texts).toEqual(["</>", "</?a=1>", "</>", "</x>", 404, 404, 404]);
  });
});

test("forwarded headers count only where the proxy is trusted, and then in part as well", async () => {
  const headers = { "x-forwarded-proto": "https" };
  await withHandler({}, async (url) => expect((await viaHttp(`${url}/x`, { headers })).text).toBe(`<${url}/x>`));
  await withHandler({ trustProxy: true }, async (url) => {
    expect((await viaHttp(`${url}/x`, { headers })).text).toBe(`<${url.replace("http", "https")}/x>`);
    expect((await viaHttp(`${url}/x`, { headers: { "x-forwarded-host": "a.example" } })).text).toBe("<http://a.example/x>");
    expect((await viaHttp(`${url}/x`, { headers: { "x-forwarded-proto": "javascript" } })).status).toBe(400);
  });
});
