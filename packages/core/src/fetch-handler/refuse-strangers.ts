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
 * @throws BackendError what `authenticate` or `unservedKeys` throws; else `error`
 */
export async function refuseStrangers(error: unknown, ref: string, { request, apikey, isOpen }: Shown, unservedKeys: UnservedKeys): Promise<never> {
  // Where it can't be told whose keys those are, that is the answer: another would tell whether there is such a project.
  const keys = await unservedKeys(ref);
  await authenticate(request, keys, { apikey, isOpen });
  throw error;
}
