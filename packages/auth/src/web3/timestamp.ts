const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** A time with its zone (RFC 3339), not one of the many other texts that Date takes. */
export const isTimestamp = (text: string): boolean => RFC_3339.test(text) && !Number.isNaN(Date.parse(text));
