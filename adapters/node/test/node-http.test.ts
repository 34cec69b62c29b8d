import { toNodeHandler } from "@plinth/node";
import { describeHost } from "./conformance.ts";
import { listen } from "./listen.ts";

describeHost("node:http", (handler, mountPath) => listen(toNodeHandler(handler, { basePath: mountPath, onError: () => undefined }), mountPath));
