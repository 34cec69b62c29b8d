const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a text is a UUID (RFC 9562), of whatever version: asked with anything else, PostgreSQL fails. */
export const isUuid = (text: unknown): text is string => typeof text === "string" && UUID.test(text);
