/**
 * Works through `items` in their order, `concurrency` of them at the same time. Once one has thrown, or `stop` says
 * so, no more are begun; those at work come to their end.
 *
 * @throws the first that `work` has thrown
 */
export async function inParallel<T>(items: Iterable<T>, concurrency: number, work: (item: T) => Promise<void>, stop: () => boolean): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let failed = false;
  const worker = async (): Promise<void> => {
    while (!failed && !stop()) {
      const next = iterator.next();
      if (next.done) return;
      await work(next.value).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: concurrency }, worker));
  for (const ended of workers) if (ended.status === "rejected") throw ended.reason;
}
