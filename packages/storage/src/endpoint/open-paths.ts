/** A bucket and a name: with less, what follows is itself the bucket, of an endpoint that takes a key. */
const OBJECT = "/[^/]+/+[^/]";

/** Whatever is asked there: a signed upload's token, or a signature of S3. */
const BY_SIGNATURE = String.raw`/upload/resumable/sign(?:/|$)|/s3(?:/|$)`;

const READS = new RegExp(`^(?:${BY_SIGNATURE}|/object/(?:public|info/public|sign)${OBJECT}|/render/image/(?:public|sign)${OBJECT})`);
const PUTS = new RegExp(`^(?:${BY_SIGNATURE}|/object/upload/sign${OBJECT})`);

/**
 * Which paths below `/storage/v1` are answered without a key: those of the endpoints that anybody may ask, and no others by the
 * same paths. Known before any endpoint is loaded; whether the caller may is then for the endpoint to say, by the bucket being
 * public, a token in the address, or a signature.
 */
const OPEN_PATHS: ReadonlyMap<string, RegExp> = new Map([
  ["GET", READS],
  ["HEAD", READS],
  ["PUT", PUTS],
  // What of the TUS protocol there is, anybody may ask.
  ["OPTIONS", /^\/(?:upload\/resumable|s3)(?:\/|$)/],
]);

const OTHERWISE = new RegExp(`^(?:${BY_SIGNATURE})`);

export const isOpenPath = (path: string, method: string): boolean => (OPEN_PATHS.get(method) ?? OTHERWISE).test(path);
