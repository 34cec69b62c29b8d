import type { Endpoint } from "../endpoint/endpoint.ts";
import { continueUpload, overrideMethod } from "./continue-upload.ts";
import { createUpload } from "./create-upload.ts";
import { describeProtocol, describeUpload } from "./describe-upload.ts";
import { terminateUpload } from "./terminate-upload.ts";

/** Resumable uploads by the TUS protocol. `/sign` before ids. */
export const RESUMABLE_ENDPOINTS: readonly Endpoint[] = [...createUpload, ...describeUpload, ...continueUpload, ...terminateUpload, ...describeProtocol, ...overrideMethod];
