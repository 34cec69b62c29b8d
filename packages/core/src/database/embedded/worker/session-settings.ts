import { readCString } from "../wire/encode-message.ts";
import { MESSAGE_HEADER } from "../wire/message-type.ts";

/** Of the settings that PostgreSQL reports, those that say whose rights and names the next client's statements have; `is_superuser` shows a plain SET ROLE. */
const WATCHED: ReadonlySet<string> = new Set(["session_authorization", "is_superuser", "search_path"]);

/** Bytes of a message that are compared. Its length is among them, so that a longer value never passes for the first one. */
const COMPARED = 1_024;

/**
 * Takes the session back to how it was opened. The user is set rather than reset, for the reason that `openPglite` sets it;
 * the other two go back to what the server was started with.
 */
export const RESTORE_SESSION = "set session authorization postgres; reset role; reset search_path";

/**
 * Whether the backend's one session is as it was opened, and which client changed it. Changes that end with their
 * transaction are reported back and forth within it, and so cost no more than a look at each report.
 */
export class SessionSettings {
  readonly #first = new Map<string, Buffer>();
  readonly #changed = new Set<string>();
  #changedBy = 0;

  /** @param first ParameterStatus messages of the session as it was opened */
  constructor(first: Iterable<Buffer>) {
    for (const message of first) this.#first.set(nameIn(message), message.subarray(0, COMPARED));
  }

  /** @param message ParameterStatus; its first kilobyte is enough */
  report(message: Buffer): void {
    const name = nameIn(message);
    if (!WATCHED.has(name)) return;
    if (this.#first.get(name)?.equals(message.subarray(0, COMPARED))) this.#changed.delete(name);
    else this.#changed.add(name);
  }

  /** The client has left the backend in no transaction: what is changed now stays. */
  settle(client: number): void {
    this.#changedBy = this.#changed.size > 0 ? client : 0;
  }

  /** The client whose changes have to be undone before this one's next batch; 0: none. A client that is alone keeps its own. */
  changedByOther(client: number): number {
    return this.#changedBy === client ? 0 : this.#changedBy;
  }
}

function nameIn(message: Buffer): string {
  return readCString(message, MESSAGE_HEADER);
}
