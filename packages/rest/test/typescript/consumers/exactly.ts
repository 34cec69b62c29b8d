/** Whether two types are the same: neither wider nor narrower, nor any. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Intersections as the one object that they are. */
type Flat<T> = T extends Date ? T : T extends (infer E)[] ? Flat<E>[] : T extends object ? { [K in keyof T]: Flat<T[K]> } : T;

/** Compiles where `T` is exactly `Expected`. */
export const exactly = <Expected>() => <T>(_value: T, ..._same: Same<Flat<T>, Flat<Expected>> extends true ? [] : [expected: Expected, found: T]): void => undefined;
