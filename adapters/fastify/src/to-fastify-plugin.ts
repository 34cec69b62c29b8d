import { lazyHandler } from "@plinth/core";
import type { FetchHandlerSource } from "@plinth/core";
import { handleNodeRequest, origin, pathBelow, requestUrl } from "@plinth/node";
import type { HostHooks } from "@plinth/node";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";

/**
 * Makes a backend a Fastify plugin. The backend sees URLs below the prefix it is registered with;
 * what it has no service for is left to Fastify's not-found handler, errors to its error handler,
 * and headers set by hooks (CORS, …) are kept. Its requests' bodies are left in the socket for it;
 * the body parsers of the host's other routes stay as they are.
 *
 * @example
 * await app.register(toFastifyPlugin(backend), { prefix: "/api" });
 */
export function toFastifyPlugin(handler: FetchHandlerSource): FastifyPluginAsync {
  const current = lazyHandler(handler);
  return async (instance) => {
    instance.removeAllContentTypeParsers();
    instance.addContentTypeParser("*", (_request, _payload, done) => done(null));
    const answer = (request: FastifyRequest, response: FastifyReply): void => {
      void handleNodeRequest(current(), request.raw, response.raw, hooksOf(request, response, instance.prefix));
    };
    if (instance.prefix !== "") instance.all("/", { exposeHeadRoute: false }, answer);
    instance.all("/*", { exposeHeadRoute: false }, answer);
  };
}

function hooksOf(request: FastifyRequest, response: FastifyReply, prefix: string): HostHooks {
  return {
    url: () => requestUrl(origin(request.protocol, request.host), pathBelow(request.raw.url ?? "/", prefix) ?? "/"),
    basePath: prefix.replace(/\/$/, ""),
    next: (error) => {
      if (error === undefined) response.callNotFound();
      else response.send(error);
    },
    beforeSend: () => {
      response.hijack();
      for (const [name, value] of Object.entries(response.getHeaders())) if (value !== undefined) response.raw.setHeader(name, value);
    },
    onError: (error) => request.log.error(error),
  };
}
