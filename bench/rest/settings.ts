/** The secret that the requests' tokens are signed with; for a database that lives as long as the run. */
export const JWT_SECRET = "a secret of the benchmark alone, of no use elsewhere";

export const LOGIN_ROLE = "bench_login";

/** Owner number k of the 2,000 has this id. */
export const ownerId = (k: number): string => `00000000-0000-4000-8000-${k.toString(16).padStart(12, "0")}`;
