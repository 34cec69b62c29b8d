import { toNextHandlers } from "@plinth/next";
import type { NextHandlers } from "@plinth/next";
import { toNodeHandler, toRealRequest } from "@plinth/node";
import { NextRequest } from "next/server.js";
import { describeHost } from "../../node/test/conformance.ts";
import { listen } from "../../node/test/listen.ts";

/** Route handlers given what Next.js gives them, without Next.js' build. */
describeHost("Next.js route handlers", (handler, mountPath) => {
  const handlers = toNextHandlers(handler, { basePath: mountPath });
  const fetch = async (request: Request): Promise<Response> => handlers[request.method as keyof NextHandlers](new NextRequest(toRealRequest(request)));
  return listen(toNodeHandler({ fetch }, { onError: () => undefined }), mountPath);
}, { sendsLength: false, keepsConnection: true, tellsMountPath: true });
