import type { NameLookup } from "../domains/name-lookup.ts";
import { projectNotFound } from "./lifecycle/with-project.ts";

/** Projects read at the same time without another question: more than come at once to a process that has been up for a while. */
const AT_ONCE = 8;

/**
 * Reads what is known of a project. Anybody can send keys of made-up refs, and each would cost a statement of its own, with
 * the requests of projects that are there waiting behind them: when many are read at once, it is asked first which of them
 * are somebody's, many in one statement.
 *
 * @throws from what it returns: BackendError PLINTH_PROJECT_NOT_FOUND, PLINTH_TOO_BUSY in a flood; what `read` throws
 */
export function readInFloods<T>(read: (ref: string) => Promise<T>, names: Pick<NameLookup, "find">): (ref: string) => Promise<T> {
  let reading = 0;
  return async (ref) => {
    if (reading >= AT_ONCE && (await names.find({ kind: "ref", name: ref })) === undefined) throw projectNotFound(ref);
    reading++;
    try {
      return await read(ref);
    } finally {
      reading--;
    }
  };
}
