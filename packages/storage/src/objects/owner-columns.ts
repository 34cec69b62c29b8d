const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** `owner_id`, and upstream's older `owner` for those whose id is a UUID. */
export const ownerColumns = (owner: string | undefined): ReadonlyArray<readonly [column: "owner" | "owner_id", value: string | null]> => [
  ["owner", owner !== undefined && UUID.test(owner) ? owner : null],
  ["owner_id", owner ?? null],
];
