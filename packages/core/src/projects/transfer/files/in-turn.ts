/** Works on several items at once, and gives what came of them in their order. Whatever fails is thrown in its turn. */
export async function* inTurn<T, R>(items: AsyncIterable<T>, atOnce: number, work: (item: T) => Promise<R>): AsyncGenerator<R> {
  const waiting: Promise<R>[] = [];
  try {
    for await (const item of items) {
      const result = work(item);
      // Met when its turn comes, if it does.
      result.catch(() => undefined);
      waiting.push(result);
      if (waiting.length >= atOnce) yield await waiting.shift()!;
    }
    while (waiting.length > 0) yield await waiting.shift()!;
  } finally {
    // Nothing goes on behind the back of whoever has stopped reading.
    await Promise.allSettled(waiting);
  }
}
