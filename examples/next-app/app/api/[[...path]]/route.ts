import { toNextHandlers } from "@plinth/next";
import { backend } from "../../../backend";

export const { GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS } = toNextHandlers(backend, { basePath: "/api" });
