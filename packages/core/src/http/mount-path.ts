export const MOUNT_PATH: unique symbol = Symbol.for("plinth.request.mountPath");

/** A request whose URL begins below where its host has mounted the backend. */
export interface MountedRequest {
  /** The path that was taken off the URL, without a slash at its end; "" where none was. */
  readonly [MOUNT_PATH]?: string;
}

/** Where the backend is mounted in its host: what comes before `request.url`'s path for clients. "" where nobody says. */
export const mountPathOf = (request: Request): string => (request as MountedRequest)[MOUNT_PATH] ?? "";

/** Notes what an adapter has taken off a request's URL. */
export const withMountPath = (request: Request, path: string): Request => Object.defineProperty(request, MOUNT_PATH, { value: path });
