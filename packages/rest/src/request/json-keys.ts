/**
 * The keys of an object, or those that all objects of an array share. "none": there is no object, "differ": the array has
 * other things in it, or objects with other keys.
 */
export function jsonKeys(json: unknown): ReadonlySet<string> | "none" | "differ" {
  if (!Array.isArray(json)) return isObject(json) ? new Set(Object.keys(json)) : "none";
  const items: readonly unknown[] = json;
  if (items.length === 0) return "none";
  if (!isObject(items[0])) return "differ";
  const keys = new Set(Object.keys(items[0]));
  return items.every((item) => isObject(item) && hasKeys(item, keys)) ? keys : "differ";
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function hasKeys(object: object, keys: ReadonlySet<string>): boolean {
  const own = Object.keys(object);
  return own.length === keys.size && own.every((key) => keys.has(key));
}
