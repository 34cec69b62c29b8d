/**
 * Whether a path below `/storage/v1` is answered without a key. Known before any endpoint is loaded; whether the caller may
 * is then for the endpoint to say, by the bucket being public, a token in the address, or a signature.
 */
const OPEN_PATHS = /^\/(?:object\/(?:public|info\/public|sign|upload\/sign)\/|render\/image\/(?:public|sign)\/|upload\/resumable\/sign(?:\/|$)|s3(?:\/|$)|status$)/;

/** What of the TUS protocol there is, anybody may ask. */
const OPEN_TO_OPTIONS = /^\/upload\/resumable(?:\/|$)/;

export const isOpenPath = (path: string, method: string): boolean => OPEN_PATHS.test(path) || (method === "OPTIONS" && OPEN_TO_OPTIONS.test(path));
