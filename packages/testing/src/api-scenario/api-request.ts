import type { Who } from "../credentials.ts";

/** What a response is held against. What is left out may be anything. */
export interface Expected {
  readonly status: number;
  /** By name: exactly this, or matching it; null: not sent. */
  readonly headers?: Readonly<Record<string, string | RegExp | null>>;
  /** The whole body: JSON as a value, text as a string, "" for none. */
  readonly body?: unknown;
  /** A part of the body, as `toMatchObject` has it. */
  readonly bodyMatching?: unknown;
  /** Anything else that is to hold of it; throws where it doesn't. */
  readonly check?: (body: unknown, response: Response) => void;
}

/** A request, and what must come of it. */
export interface ApiRequest extends Expected {
  readonly name: string;
  /** Default: GET. */
  readonly method?: string;
  /** With query, below the backend's URL. */
  readonly path: string;
  /** Headers to ask with, besides the credentials. */
  readonly ask?: Readonly<Record<string, string>>;
  /** The body. Text as it is; anything else as JSON. */
  readonly send?: unknown;
  /** Default: anon. */
  readonly as?: Who;
  /** What the same request must give to anon. */
  readonly asAnon?: Expected;
}

const READING = new Set(["GET", "HEAD", "OPTIONS"]);

/** Whether it may change data. */
export const mayWrite = ({ method = "GET" }: ApiRequest): boolean => !READING.has(method);

/** The request in `fetch`'s terms, with these credentials. */
export function toInit({ method = "GET", ask, send }: ApiRequest, credentials: Readonly<Record<string, string>>): RequestInit {
  if (send === undefined) return { method, headers: { ...credentials, ...ask } };
  const body = typeof send === "string" ? send : JSON.stringify(send);
  return { method, headers: { "content-type": "application/json", ...credentials, ...ask }, body };
}
