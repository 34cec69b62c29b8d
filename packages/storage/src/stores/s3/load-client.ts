import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import { BackendError, STORE_ERRORS } from "@plinth/core";
import type { S3StoreOptions } from "./s3-options.ts";

export type Sdk = typeof import("@aws-sdk/client-s3");

export interface LoadedClient {
  readonly sdk: Sdk;
  readonly client: S3Client;
  /** Reads objects, on connections beside the others': each is held for as long as whoever reads takes, and nobody else may wait for that. */
  readonly reader: S3Client;
}

const PACKAGE = "@aws-sdk/client-s3";

/** The SDK is large, and most hosts keep files on disk: it is an optional peer, loaded with the first request. */
export async function loadClient(options: S3StoreOptions): Promise<LoadedClient> {
  const sdk = await loadSdk();
  return { sdk, client: new sdk.S3Client(configOf(options)), reader: new sdk.S3Client(configOf({ ...options, maxSockets: Number.POSITIVE_INFINITY })) };
}

async function loadSdk(): Promise<Sdk> {
  try {
    return await import("@aws-sdk/client-s3");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw cause;
    throw new BackendError(STORE_ERRORS.unavailable, { cause: new Error(`Files in S3 need the package ${PACKAGE}: npm install ${PACKAGE}`, { cause }) });
  }
}

function configOf(options: S3StoreOptions): S3ClientConfig {
  const { endpoint, region, accessKeyId, secretAccessKey, sessionToken, maxAttempts = 3, requestTimeoutMs = 60_000, maxSockets = 128 } = options;
  const agent = { keepAlive: true, maxSockets };
  const timeouts = { connectionTimeout: Math.min(requestTimeoutMs, 10_000), requestTimeout: requestTimeoutMs, socketTimeout: requestTimeoutMs, throwOnRequestTimeout: true };
  return {
    // A server that is named needs no region, but signatures do.
    ...(region !== undefined ? { region } : endpoint === undefined ? {} : { region: "us-east-1" }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(accessKeyId === undefined || secretAccessKey === undefined ? {} : { credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) } }),
    forcePathStyle: options.forcePathStyle ?? endpoint !== undefined,
    maxAttempts,
    // Trailing checksums, the SDK's default, are refused by servers other than AWS's. Content-MD5 is understood by all.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: { ...timeouts, httpAgent: agent, httpsAgent: agent },
  };
}
