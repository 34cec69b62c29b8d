import { BackendError, CORE_ERRORS, markUnrouted, mountPathOf, reply } from "@plinth/core";
import { toExpressHandler } from "@plinth/express";
import express5 from "express";
import type { Express, Router } from "express";
import express4 from "express4";
import { describe, expect, test } from "vitest";
import { describeHost } from "../../node/test/conformance.ts";
import { viaHttp } from "../../node/test/conformance/clients.ts";
import { handlerOf } from "../../node/test/conformance/host.ts";
import type { Answer } from "../../node/test/conformance/host.ts";
import { listen } from "../../node/test/listen.ts";

const VERSIONS = [["Express 5", express5], ["Express 4", express4]] as const;

const quiet = { onError: () => undefined };

const seen: Answer = async (request) => reply(JSON.stringify({ url: request.url, mounted: mountPathOf(request), text: await request.text() }));

/** Serves `app` for one request after another. */
async function withApp(app: Express, use: (url: string) => Promise<void>): Promise<void> {
  const host = await listen(app);
  await use(host.url).finally(() => host.close());
}

for (const [name, express] of VERSIONS) {
  describeHost(name, (handler, mountPath) => {
    const app = express().set("env", "test");
    return listen(mountPath === "" ? app.use(toExpressHandler(handler, quiet)) : app.use(mountPath, toExpressHandler(handler, quiet)), mountPath);
  });

  describe(`${name}, as a good guest`, () => {
    test("nested routers take their paths off", async () => {
      const inner: Router = express.Router().use("/v2", toExpressHandler(handlerOf(seen)));
      await withApp(express().use("/api", express.Router().use("/acme", inner)), async (url) => {
        expect(JSON.parse((await viaHttp(`${url}/api/acme/v2/rest/v1/todos?a=%2F`)).text)).toMatchObject({ url: `${url}/rest/v1/todos?a=%2F`, mounted: "/api/acme/v2" });
      });
    });

    test("what the backend has no service for goes on to the next handler", async () => {
      const app = express().use(toExpressHandler(handlerOf(() => markUnrouted(reply("no", { status: 404 })))));
      await withApp(app.use((_request, response) => void response.send("the host's")), async (url) => {
        expect(await viaHttp(`${url}/`)).toMatchObject({ status: 200, text: "the host's" });
      });
    });

    test("errors go to the host's error handler", async () => {
      const failure = new BackendError(CORE_ERRORS.closed);
      const app = express().use(toExpressHandler(handlerOf(() => Promise.reject(failure))));
      app.use((error: Error, _request: express5.Request, response: express5.Response, _next: express5.NextFunction) => void response.status(503).send(String(error === failure)));
      await withApp(app, async (url) => {
        expect(await viaHttp(`${url}/`)).toMatchObject({ status: 503, text: "true" });
      });
    });

    test.each([
      ["application/json", '{"a":[1,{"b":"grün"}]}', '{"a":[1,{"b":"grün"}]}'],
      ["application/vnd.pgrst.object+json; charset=utf-8", '{"a": 1}', '{"a":1}'],
      ["application/x-www-form-urlencoded", "a=1&a=2&b%5Bc%5D=%26", "a=1&a=2&b%5Bc%5D=%26"],
      ["text/plain", "grün", "grün"],
      ["application/octet-stream", "grün", "grün"],
    ])("a body of %s that the host has parsed already still arrives", async (type, body, arrives) => {
      const app = express().use(express.json({ type: ["application/json", "application/*+json"] }), express.urlencoded({ extended: true }), express.text(), express.raw());
      await withApp(app.use(toExpressHandler(handlerOf(seen))), async (url) => {
        expect(JSON.parse((await viaHttp(`${url}/`, { method: "POST", headers: { "content-type": type }, body })).text).text).toBe(arrives);
      });
    });

    test("a parsed body can be streamed, and no parser's empty object is taken for a body", async () => {
      const streamed: Answer = async (request) => reply(JSON.stringify([await request.clone().text(), await new Response(request.body).text(), request.headers.has("content-length")]));
      await withApp(express().use(express.json(), toExpressHandler(handlerOf(streamed))), async (url) => {
        const parsed = await viaHttp(`${url}/`, { method: "POST", headers: { "content-type": "application/json" }, body: '{ "a": 1 }' });
        expect(JSON.parse(parsed.text)).toEqual(['{"a":1}', '{"a":1}', false]);
        const other = await viaHttp(`${url}/`, { method: "POST", headers: { "content-type": "text/csv" }, body: "a,b" });
        expect(JSON.parse(other.text)).toEqual(["a,b", "a,b", true]);
      });
    });

    test("the trust proxy setting decides whose X-Forwarded headers count", async () => {
      const headers = { "x-forwarded-proto": "https", "x-forwarded-host": "api.example.com, inner" };
      for (const [trust, origin] of [[false, undefined], [true, "https://api.example.com"], ["loopback", "https://api.example.com"], ["10.0.0.0/8", undefined]] as const) {
        await withApp(express().set("trust proxy", trust).use(toExpressHandler(handlerOf(seen))), async (url) => {
          expect(JSON.parse((await viaHttp(`${url}/x`, { headers })).text).url).toBe(`${origin ?? url}/x`);
        });
      }
    });

    test("cookies and Vary of the host's middleware stay beside the backend's", async () => {
      const app = express().use((_request, response, next) => {
        response.vary("Origin").cookie("host", "1").set("x-host", "h");
        next();
      });
      const answer: Answer = () => reply("x", { headers: { "Set-Cookie": "backend=1", Vary: "Accept" } });
      await withApp(app.use(toExpressHandler(handlerOf(answer))), async (url) => {
        const { headers } = await viaHttp(`${url}/`);
        expect(headers).toMatchObject({ "set-cookie": ["host=1; Path=/", "backend=1"], vary: "Origin, Accept", "x-host": "h" });
      });
    });
  });
}
