/** What adapters mount: a backend, or anything else that answers web-standard requests. */
export interface FetchHandler {
  fetch(request: Request): Promise<Response>;
}
