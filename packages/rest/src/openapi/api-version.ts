/** The PostgREST whose API this is: what its own document would say. */
export const API_VERSION = "17 (pre-release)";

/** Documentation of pre-releases is the latest. */
export const API_DOCUMENTATION = "https://postgrest.org/en/latest/references/api.html";
