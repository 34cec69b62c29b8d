import type { ReplyHeaders } from "@plinth/core";

/** A response as the plan alone would have it, before SQL had its say. */
export interface Answer {
  readonly status: number;
  readonly headers: ReplyHeaders;
  /** undefined: none, and no Content-Length. */
  readonly body: string | Uint8Array | undefined;
}
