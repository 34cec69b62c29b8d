/** By code units, so that the order is the same on every machine. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const byName = (a: { readonly name: string }, b: { readonly name: string }): number => compareText(a.name, b.name);
