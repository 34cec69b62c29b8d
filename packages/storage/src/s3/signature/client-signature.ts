import { StorageError } from "../../storage-error.ts";
import { S3_ERRORS } from "../s3-errors.ts";
import type { S3Query } from "../s3-query.ts";

/** What a request says of its signature (AWS Signature Version 4), unverified. */
export interface ClientSignature {
  readonly from: "header" | "query";
  readonly accessKeyId: string;
  /** `20260131`. */
  readonly day: string;
  readonly region: string;
  /** In small letters, in their order. */
  readonly signedHeaders: readonly string[];
  /** 64 hexadecimal digits. */
  readonly signature: string;
  /** `20260131T235959Z`. */
  readonly time: string;
  /** Seconds, as sent: of a presigned address. */
  readonly expires: string | undefined;
  readonly sessionToken: string | undefined;
  /** What stands for the body in what was signed; undefined where the request doesn't say. */
  readonly contentSha256: string | undefined;
}

const ALGORITHM = "AWS4-HMAC-SHA256";
const CREDENTIAL = /^([^/]{1,200})\/(\d{8})\/([A-Za-z0-9-]{1,60})\/s3\/aws4_request$/;
const SIGNED_HEADERS = /^[a-z0-9!#$%&'*+.^_`|~-]+(?:;[a-z0-9!#$%&'*+.^_`|~-]+)*$/;
const SIGNATURE = /^[0-9a-f]{64}$/;

/**
 * Of the Authorization header, else of the query.
 * @throws StorageError AccessDenied where there is none, AuthorizationHeaderMalformed, AuthorizationQueryParametersError
 */
export function readSignature(headers: Headers, query: S3Query): ClientSignature {
  const header = headers.get("authorization");
  if (header?.startsWith(`${ALGORITHM} `)) return fromHeader(header.slice(ALGORITHM.length), headers);
  if (query.has("X-Amz-Signature") || query.has("X-Amz-Algorithm")) return fromQuery(query, headers);
  throw new StorageError(S3_ERRORS.missingSignature);
}

/** The access key id of a request, if it shows one. */
export function shownAccessKeyId(header: string | null, query: string): string | undefined {
  if (header?.startsWith(`${ALGORITHM} `)) return /Credential=([^/,\s]+)\//.exec(header)?.[1];
  const shown = /(?:^|&)X-Amz-Credential=([^&]+?)(?:%2F|\/)/i.exec(query)?.[1];
  return shown?.includes("%") === true ? undefined : shown;
}

function fromHeader(text: string, headers: Headers): ClientSignature {
  const fields = new Map(text.split(",").map((field) => field.trim().split("=", 2) as [string, string]));
  const time = headers.get("x-amz-date") ?? undefined;
  return parsed({ from: "header", credential: fields.get("Credential"), headers: fields.get("SignedHeaders"), signature: fields.get("Signature"), time }, S3_ERRORS.malformedAuthorization, {
    expires: undefined,
    sessionToken: headers.get("x-amz-security-token") ?? undefined,
    contentSha256: headers.get("x-amz-content-sha256") ?? undefined,
  });
}

function fromQuery(query: S3Query, headers: Headers): ClientSignature {
  const error = S3_ERRORS.malformedQuerySignature;
  if (query.get("X-Amz-Algorithm") !== ALGORITHM) throw new StorageError(error, { message: `X-Amz-Algorithm only supports "${ALGORITHM}".` });
  return parsed({ from: "query", credential: query.get("X-Amz-Credential"), headers: query.get("X-Amz-SignedHeaders"), signature: query.get("X-Amz-Signature"), time: query.get("X-Amz-Date") }, error, {
    expires: query.get("X-Amz-Expires"),
    sessionToken: query.get("X-Amz-Security-Token"),
    contentSha256: query.header("x-amz-content-sha256") ?? headers.get("x-amz-content-sha256") ?? undefined,
  });
}

interface Fields {
  readonly from: ClientSignature["from"];
  readonly credential: string | undefined;
  readonly headers: string | undefined;
  readonly signature: string | undefined;
  readonly time: string | undefined;
}

function parsed(
  { from, credential, headers, signature, time }: Fields,
  error: (typeof S3_ERRORS)[keyof typeof S3_ERRORS],
  rest: Pick<ClientSignature, "expires" | "sessionToken" | "contentSha256">,
): ClientSignature {
  const [, accessKeyId, day, region] = CREDENTIAL.exec(credential ?? "") ?? [];
  if (accessKeyId === undefined || day === undefined || region === undefined) throw new StorageError(error, { message: `The credential is not "<access key id>/<date>/<region>/s3/aws4_request".` });
  if (headers === undefined || !SIGNED_HEADERS.test(headers) || signature === undefined || !SIGNATURE.test(signature)) throw new StorageError(error);
  if (time === undefined || !time.startsWith(day)) throw new StorageError(error, { message: "The date of the credential is not that of X-Amz-Date." });
  return { from, accessKeyId, day, region, signedHeaders: headers.split(";"), signature, time, ...rest };
}
