import { LRUCache } from "lru-cache";
import type { ImageTransformationConfig } from "../config/image-transformation-options.ts";
import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";
import type { ImageLibrary } from "./load-sharp.ts";
import { type RenderedImage, type RenderOptions, renderImage } from "./render-image.ts";
import { RenderQueue } from "./render-queue.ts";

export interface RenderRequest extends RenderOptions {
  /** Of the image that comes of it: the same one is worked on once. */
  readonly key: string;
  /** Whose turn it takes. */
  readonly project: string;
  readonly library: ImageLibrary;
  /** The image's bytes; undefined where they are gone. */
  read(signal: AbortSignal): Promise<Uint8Array | undefined>;
}

/** One that is being made, for all who ask for it. */
interface Flight {
  readonly image: Promise<RenderedImage | undefined>;
  readonly abort: AbortController;
  readers: number;
}

/**
 * Makes images, some at a time, and keeps those that were asked for last in this process's memory. Not in the store: whoever
 * may read an image could fill it, with 2,000 widths by as many heights of each, and somebody would have to find those of
 * objects that are gone. What is in memory is reached by an object's version alone, after its row has been read.
 */
export class ImageRenderer {
  readonly #queue: RenderQueue;
  readonly #kept: LRUCache<string, RenderedImage> | undefined;
  readonly #flights = new Map<string, Flight>();

  constructor({ concurrency, queueSize, cacheSize }: Pick<ImageTransformationConfig, "concurrency" | "queueSize" | "cacheSize">) {
    this.#queue = new RenderQueue({ concurrency, queueSize });
    // One image may take an eighth of it.
    this.#kept = cacheSize === 0 ? undefined : new LRUCache({ maxSize: cacheSize, maxEntrySize: Math.ceil(cacheSize / 8), sizeCalculation: ({ bytes }) => bytes.length + 1_000 });
  }

  /**
   * @param signal of whoever asks: the work ends when nobody does any more
   * @returns undefined where there are no bytes of it
   * @throws StorageError as `renderImage`; SlowDown where too many wait
   */
  async render(request: RenderRequest, signal: AbortSignal): Promise<RenderedImage | undefined> {
    const kept = this.#kept?.get(request.key);
    if (kept !== undefined) return kept;
    const flight = this.#flights.get(request.key) ?? this.#start(request);
    flight.readers++;
    try {
      return await race(flight.image, signal);
    } finally {
      flight.readers--;
      if (flight.readers === 0) flight.abort.abort(new StorageError(STORAGE_ERRORS.aborted));
    }
  }

  #start(request: RenderRequest): Flight {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(new StorageError(STORAGE_ERRORS.imageTimeout)), request.limits.requestTimeout * 1_000);
    const flight: Flight = { image: race(this.#work(request, abort.signal), abort.signal), abort, readers: 0 };
    this.#flights.set(request.key, flight);
    const end = (): void => {
      clearTimeout(timer);
      if (this.#flights.get(request.key) === flight) this.#flights.delete(request.key);
    };
    flight.image.then(end, end);
    abort.signal.addEventListener("abort", end, { once: true });
    return flight;
  }

  /** Keeps its place in the queue until libvips has let go of the image, however long ago everybody went. */
  #work(request: RenderRequest, signal: AbortSignal): Promise<RenderedImage | undefined> {
    return this.#queue.run(request.project, signal, async () => {
      const bytes = await request.read(signal);
      if (bytes === undefined) return undefined;
      const image = await renderImage(request.library.sharp, bytes, request);
      this.#kept?.set(request.key, image);
      return image;
    });
  }
}

/** @throws the signal's reason, should it fire before */
function race<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
