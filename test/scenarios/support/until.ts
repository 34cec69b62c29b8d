import { setTimeout as sleep } from "node:timers/promises";

/** Asks until the answer is anything but undefined or false. @throws after `limitMs` */
export async function until<T>(ask: () => Promise<T | undefined | false> | T | undefined | false, limitMs = 15_000): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`It was not so within ${limitMs} ms: ${ask}`);
    await sleep(20);
  }
}
