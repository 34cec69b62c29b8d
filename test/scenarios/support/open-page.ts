import { once } from "node:events";
import { Worker } from "node:worker_threads";

export interface PickedFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What whoever looks at the page sees. */
export interface PageState {
  readonly status: string;
  /** Whether a file can be picked. */
  readonly isReady: boolean;
  /** The latest first. */
  readonly pictures: ReadonlyArray<{ readonly address: string; readonly status: number; readonly type: string | null; readonly bytes: Uint8Array }>;
}

export interface Page {
  readonly opened: PageState;
  /** @returns what is seen once the page has done with the file */
  pick(file: PickedFile): Promise<PageState>;
  close(): Promise<unknown>;
}

/** Opens a page as a browser does, its scripts included: see page-worker.ts. Rejects where one of them fails. */
export async function openPage(url: string): Promise<Page> {
  const worker = new Worker(new URL("page-worker.ts", import.meta.url), { workerData: { url }, execArgv: [] });
  const next = async (): Promise<PageState> => (await once(worker, "message"))[0] as PageState;
  const opened = await next().catch(async (error: unknown) => {
    await worker.terminate();
    throw error;
  });
  return {
    opened,
    pick: (file) => {
      worker.postMessage(file, []);
      return next();
    },
    close: () => worker.terminate(),
  };
}
