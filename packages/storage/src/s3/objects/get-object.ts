import { withHeader } from "@plinth/core";
import { findReadable } from "../../objects/download/find-readable.ts";
import { sendObject } from "../../objects/download/send-object.ts";
import type { ObjectRow } from "../../objects/stored-object-row.ts";
import { StorageError } from "../../storage-error.ts";
import { integerParameter } from "../integer-parameter.ts";
import { xml } from "../respond.ts";
import type { S3Call } from "../s3-call.ts";
import { S3_ERRORS } from "../s3-errors.ts";
import type { S3Operation } from "../s3-operation.ts";
import { checkPreconditions } from "./preconditions.ts";
import { metadataHeaders } from "./user-metadata-headers.ts";

/** What a request can have its answer say instead. */
const OVERRIDES = ["content-type", "content-language", "expires", "cache-control", "content-disposition", "content-encoding"];
/** Browsers run scripts in it, on the API's origin, where somebody opens a presigned address. */
const ACTIVE = /html|xml|svg/i;

export const getObject: S3Operation = { id: "storage.s3.object.get", method: "GET", level: "object", handle: send };
export const headObject: S3Operation = { id: "storage.s3.object.info", method: "HEAD", level: "object", handle: send };

/** There are no tags. */
export const getObjectTagging: S3Operation = {
  id: "storage.s3.object.get_tagging",
  method: "GET",
  level: "object",
  query: ["tagging"],
  handle: async (s3) => {
    await find(s3);
    return xml("Tagging", { TagSet: "" });
  },
};

const find = ({ call, bucket, key }: S3Call): Promise<ObjectRow> => findReadable(call, "caller", { bucket, name: key });

async function send(s3: S3Call): Promise<Response> {
  const { call, query } = s3;
  if ((integerParameter(query, "partNumber") ?? 1) !== 1) throw new StorageError(S3_ERRORS.notImplemented, { message: "Objects can't be read by the parts that they were uploaded in." });
  const overrides = OVERRIDES.flatMap((name) => overrideOf(s3, name));
  let object = await find(s3);
  const { headers } = call.request;
  checkPreconditions({ match: headers.get("if-match"), unmodifiedSince: headers.get("if-unmodified-since") }, object);
  const response = await sendObject(call, object, { again: async () => (object = await find(s3)) });
  return describe(response, object, overrides);
}

function overrideOf({ query }: S3Call, name: string): Array<readonly [name: string, value: string]> {
  const value = query.get(`response-${name}`);
  if (value === undefined) return [];
  if (!/^[\t\x20-\x7e\xa0-\xff]*$/.test(value)) throw new StorageError(S3_ERRORS.invalidArgument, { message: `response-${name} is no header's value.` });
  return [[name, value]];
}

/** With its type as it is: what reads S3 means to write it back. */
function describe(response: Response, { metadata, user_metadata: userMetadata }: ObjectRow, overrides: ReadonlyArray<readonly [string, string]>): Response {
  const type = /^[\t\x20-\x7e]+$/.test(metadata?.mimetype ?? "") ? metadata!.mimetype! : "application/octet-stream";
  const sent = new Map<string, string>([...(response.status === 304 ? [] : [["content-type", type] as const]), ...Object.entries(metadataHeaders(userMetadata)), ...overrides]);
  if (ACTIVE.test(sent.get("content-type") ?? "")) sent.set("content-security-policy", "sandbox");
  return [...sent].reduce((described, [name, value]) => withHeader(described, name, value), response);
}
