import { responseFor } from "@plinth/core";
import type { FetchHandler } from "@plinth/core";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { describeHost } from "./conformance.ts";
import { listen } from "./listen.ts";

/** What a backend does: genuine Responses for whoever doesn't read light ones. */
function asBackend(handler: FetchHandler): FetchHandler {
  return { fetch: async (request) => responseFor(request, await handler.fetch(request)) };
}

describeHost("Hono", (handler, mountPath) => {
  const app = new Hono().onError((_error, context) => context.text("failed", 500));
  app.mount(mountPath === "" ? "/" : mountPath, asBackend(handler).fetch);
  return listen(getRequestListener(app.fetch, { overrideGlobalObjects: false }), mountPath);
}, { sendsLength: true, keepsConnection: false, tellsMountPath: false });
