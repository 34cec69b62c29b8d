type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what was left out: the options of the backend know no undefined. */
export const defined = <T extends Readonly<Record<string, unknown>>>(values: T): Defined<T> => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
