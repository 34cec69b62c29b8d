import { markUnrouted, reply } from "@plinth/core";
import { toFastifyPlugin } from "@plinth/fastify";
import { fastify } from "fastify";
import type { FastifyInstance, FastifyServerOptions } from "fastify";
import { describe, expect, test } from "vitest";
import { describeHost } from "../../node/test/conformance.ts";
import { viaHttp } from "../../node/test/conformance/clients.ts";
import { handlerOf } from "../../node/test/conformance/host.ts";
import type { Answer, Host } from "../../node/test/conformance/host.ts";

const seen: Answer = async (request) => reply(JSON.stringify({ url: request.url, text: await request.text() }));

async function listen(app: FastifyInstance, mountPath = ""): Promise<Host> {
  const url = (await app.listen({ port: 0, host: "127.0.0.1" })) + mountPath;
  return {
    url,
    close: async () => {
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

describeHost("Fastify", async (handler, mountPath) => {
  const app = fastify({ forceCloseConnections: true });
  await app.register(toFastifyPlugin(handler), { prefix: mountPath });
  return listen(app, mountPath);
});

describe("Fastify, as a good guest", () => {
  async function withApp(options: FastifyServerOptions, build: (app: FastifyInstance) => Promise<void>, use: (url: string) => Promise<void>): Promise<void> {
    const app = fastify({ forceCloseConnections: true, ...options }) as FastifyInstance;
    await build(app);
    const host = await listen(app);
    await use(host.url).finally(() => host.close());
  }

  test("the host's other routes keep their body parsers", async () => {
    const build = async (app: FastifyInstance): Promise<void> => {
      await app.register(toFastifyPlugin(handlerOf(seen)), { prefix: "/api" });
      app.post("/own", async (request) => ({ parsed: request.body }));
    };
    await withApp({}, build, async (url) => {
      const json = { method: "POST", headers: { "content-type": "application/json" }, body: '{ "a": 1 }' };
      expect(JSON.parse((await viaHttp(`${url}/own`, json)).text)).toEqual({ parsed: { a: 1 } });
      expect(JSON.parse((await viaHttp(`${url}/api/x`, json)).text)).toEqual({ url: `${url}/x`, text: '{ "a": 1 }' });
      expect(await viaHttp(`${url}/own`, { ...json, headers: { "content-type": "text/csv" } })).toMatchObject({ status: 415 });
    });
  });

  test("nested prefixes are taken off, and the prefix itself is the root", async () => {
    const build = async (app: FastifyInstance): Promise<void> => {
      await app.register(async (inner) => void (await inner.register(toFastifyPlugin(handlerOf(seen)), { prefix: "/acme" })), { prefix: "/api" });
    };
    await withApp({}, build, async (url) => {
      expect(JSON.parse((await viaHttp(`${url}/api/acme/x?a=%2F`)).text).url).toBe(`${url}/x?a=%2F`);
      expect(JSON.parse((await viaHttp(`${url}/api/acme?a=1`)).text).url).toBe(`${url}/?a=1`);
    });
  });

  test("what the backend has no service for is the host's not-found handler's, errors its error handler's", async () => {
    const answer: Answer = (request) => {
      if (request.url.endsWith("/fail")) throw new Error("failed");
      return markUnrouted(reply("no", { status: 404 }));
    };
    const build = async (app: FastifyInstance): Promise<void> => {
      app.setNotFoundHandler((_request, response) => void response.code(404).send("the host's"));
      app.setErrorHandler((error: Error, _request, response) => void response.code(502).send(error.message));
      await app.register(toFastifyPlugin(handlerOf(answer)), { prefix: "/api" });
    };
    await withApp({}, build, async (url) => {
      expect(await viaHttp(`${url}/api/x`)).toMatchObject({ status: 404, text: "the host's" });
      expect(await viaHttp(`${url}/api/fail`)).toMatchObject({ status: 502, text: "failed" });
    });
  });

  test("headers set by hooks are sent, onResponse runs, and trustProxy holds", async () => {
    let responded = 0;
    const build = async (app: FastifyInstance): Promise<void> => {
      app.addHook("onRequest", async (_request, response) => void response.header("access-control-allow-origin", "*").header("vary", "Origin"));
      app.addHook("onResponse", async () => void responded++);
      await app.register(toFastifyPlugin(handlerOf((request) => reply(request.url, { headers: { Vary: "Accept" } }))));
    };
    await withApp({ trustProxy: true }, build, async (url) => {
      const { headers, text } = await viaHttp(`${url}/x`, { headers: { "x-forwarded-proto": "https", "x-forwarded-host": "api.example.com" } });
      expect(text).toBe("https://api.example.com/x");
      expect(headers).toMatchObject({ "access-control-allow-origin": "*", vary: "Origin, Accept" });
      expect(responded).toBe(1);
    });
  });
});
