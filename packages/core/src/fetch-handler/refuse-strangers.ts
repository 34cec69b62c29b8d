import { authenticate } from "../keys/authenticate.ts";
import type { UnservedKeys } from "../projects/keys/unserved-keys.ts";

/** What of a request says who sends it. */
export interface Shown {
  readonly request: Request;
  /** See `shownKey`. */
  readonly apikey: string | null;
  /** Nothing has to be shown where it leads. */
  readonly isOpen: boolean;
}

/**
 * Why a project is not served (there is none, it is paused) is told to those alone who show a key of it: a key that
 * somebody made up is refused as it would be by a project that is there.
 *
 * @throws BackendError what `authenticate` throws; else `error`
 */
export async function refuseStrangers(error: unknown, ref: string, { request, apikey, isOpen }: Shown, unservedKeys: UnservedKeys): Promise<never> {
  const keys = await unservedKeys(ref).catch(() => Promise.reject(error));
  await authenticate(request, keys, { apikey, isOpen });
  throw error;
}
