import { type RequestContext, withHeader } from "@plinth/core";
import { createCall } from "../endpoint/create-call.ts";
import type { TenantStorage } from "../tenant-storage.ts";
import { authenticateS3 } from "./credentials/authenticate-s3.ts";
import { S3_OPERATIONS } from "./operations.ts";
import { headerReader } from "./s3-call.ts";
import { findOperation } from "./s3-operation.ts";
import { readS3Path } from "./s3-path.ts";
import { S3Query } from "./s3-query.ts";

/** Answers a request below `/storage/v1/s3`: nothing is looked for before its signature holds. */
export async function handleS3(context: RequestContext, storage: TenantStorage): Promise<Response> {
  const { level, bucket, key } = readS3Path(context.path);
  const query = new S3Query(context.query);
  const auth = await authenticateS3(context, query);
  const header = headerReader(context.request.headers, query);
  const operation = findOperation(S3_OPERATIONS, { method: context.request.method, level, query, header });
  const call = createCall(context, { storage, operation: operation.id, params: { bucket, name: key }, caller: auth.caller });
  const response = await operation.handle({ call, auth, bucket, key, query, header });
  return withHeader(response, "x-amz-request-id", context.requestId);
}
