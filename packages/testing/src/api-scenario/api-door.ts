import type { Backend } from "plinth";

/** A way to a backend. */
export interface ApiDoor {
  readonly name: string;
  open(backend: Backend): Promise<OpenDoor>;
}

export interface OpenDoor {
  /** What paths are appended to; no slash at its end. */
  readonly url: string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  close(): Promise<void>;
}

/** Straight to `backend.fetch`. */
export const FETCH_DOOR: ApiDoor = {
  name: "fetch",
  open: async (backend) => ({ url: "http://backend", fetch: (url, init) => backend.fetch(url, init), close: async () => {} }),
};
