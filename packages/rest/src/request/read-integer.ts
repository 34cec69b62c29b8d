/** An integer with an optional minus and blanks around; more than JavaScript holds exactly is cut. Undefined for anything else. */
export function readInteger(text: string): number | undefined {
  if (!/^\s*(?:-\s*)?\d+\s*$/.test(text)) return undefined;
  const value = Number(text.replaceAll(/\s/g, ""));
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value)) + 0;
}
