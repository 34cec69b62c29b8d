const PART = "[A-Za-z0-9_-]{1,200}";
const KEY = new RegExp(`^${PART}(?:/${PART})*$`);
const MAX_LENGTH = 800;

/**
 * Keys come from our own code; one that breaks the grammar of `ObjectKey` is a fault in it, and goes no further.
 *
 * @throws TypeError
 */
export function assertObjectKey(key: string): void {
  if (typeof key !== "string" || key.length > MAX_LENGTH || !KEY.test(key)) throw new TypeError(`Not a key of a store: ${JSON.stringify(key)}`);
}

/** Whether a name could be a part of a key: what else lies in a directory isn't an object. */
export const isKeyPart = (name: string): boolean => ONE_PART.test(name);

const ONE_PART = new RegExp(`^${PART}$`);
