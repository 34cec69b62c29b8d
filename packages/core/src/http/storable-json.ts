/** Whether PostgreSQL can keep a value of JSON: it takes neither NUL nor half a surrogate pair, be it in text or in JSON. */
export function isStorableJson(value: unknown): boolean {
  if (typeof value === "string") return !/[\0\p{Surrogate}]/u.test(value);
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([name, part]) => isStorableJson(name) && isStorableJson(part));
}

/** Whether a JSON text can have what PostgreSQL doesn't keep in it: only escapes make such texts, which are rare. */
export const mayBeUnstorable = (text: string): boolean => /\\u(0000|d[89a-f])/i.test(text);
