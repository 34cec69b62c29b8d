const UNROUTED = Symbol.for("plinth.response.unrouted");

/** Marks a response as standing for "nothing of this backend is mounted here": adapters then let the host go on. */
export function markUnrouted(response: Response): Response {
  return Object.defineProperty(response, UNROUTED, { value: true });
}

export function isUnrouted(response: Response): boolean {
  return UNROUTED in response;
}
