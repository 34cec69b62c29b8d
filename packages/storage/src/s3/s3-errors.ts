import type { StorageErrorDefinition } from "../errors.ts";

const as = (status: number, code: string, message: string): StorageErrorDefinition => ({ code, status, httpStatus: status, message });

/** What only the S3 protocol answers with: codes, statuses and mostly the words of S3 ("Error responses" in its API reference). */
export const S3_ERRORS = {
  missingSignature: as(403, "AccessDenied", "The request is not signed."),
  malformedAuthorization: as(400, "AuthorizationHeaderMalformed", "The authorization header that you provided is not valid."),
  malformedQuerySignature: as(400, "AuthorizationQueryParametersError", "The parameters of the presigned address are not valid."),
  invalidAccessKeyId: as(403, "InvalidAccessKeyId", "The access key ID that you provided does not exist in our records."),
  accessKeyExpired: as(403, "InvalidAccessKeyId", "The access key has expired."),
  signatureDoesNotMatch: as(403, "SignatureDoesNotMatch", "The request signature that we calculated does not match the signature that you provided. Check your secret access key and signing method."),
  headersNotSigned: as(403, "AccessDenied", "There were headers present in the request which were not signed."),
  requestExpired: as(403, "AccessDenied", "Request has expired."),
  requestTimeTooSkewed: as(403, "RequestTimeTooSkewed", "The difference between the request time and the server's time is too large."),
  expiredToken: as(400, "ExpiredToken", "The provided token has expired."),
  invalidToken: as(400, "InvalidToken", "The provided token is malformed or otherwise not valid."),
  missingContentSha256: as(400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256."),
  contentSha256Mismatch: as(400, "XAmzContentSHA256Mismatch", "The provided x-amz-content-sha256 header does not match what was computed."),
  badDigest: as(400, "BadDigest", "The checksum that you specified did not match what we received."),
  invalidDigest: as(400, "InvalidDigest", "The Content-MD5 or checksum value that you specified is not valid."),
  incompleteBody: as(400, "IncompleteBody", "The request's chunks are not as they should be, or broke off."),
  malformedXml: as(400, "MalformedXML", "The XML that you provided was not well formed or did not validate against our published schema."),
  invalidArgument: as(400, "InvalidArgument", "Invalid argument."),
  invalidUri: as(400, "InvalidURI", "Couldn't parse the specified URI."),
  methodNotAllowed: as(405, "MethodNotAllowed", "The specified method is not allowed against this resource."),
  notImplemented: as(501, "NotImplemented", "A part of the request asks for what is not implemented."),
  preconditionFailed: as(412, "PreconditionFailed", "At least one of the preconditions that you specified did not hold."),
  bucketNotEmpty: as(409, "BucketNotEmpty", "The bucket that you tried to delete is not empty."),
  entityTooSmall: as(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed object size."),
  invalidPart: as(400, "InvalidPart", "One or more of the specified parts could not be found, or its ETag is another one."),
  invalidPartOrder: as(400, "InvalidPartOrder", "The list of parts was not in ascending order."),
  missingContentLength: as(411, "MissingContentLength", "You must provide the Content-Length HTTP header."),
} as const satisfies Record<string, StorageErrorDefinition>;
