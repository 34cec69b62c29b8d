import { isUuid } from "@plinth/core";

/** `owner_id`, and upstream's older `owner` for those whose id is a UUID. */
export const ownerColumns = (owner: string | undefined): ReadonlyArray<readonly [column: "owner" | "owner_id", value: string | null]> => [
  ["owner", isUuid(owner) ? owner : null],
  ["owner_id", owner ?? null],
];
