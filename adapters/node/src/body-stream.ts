import { BackendError, CORE_ERRORS } from "@plinth/core";
import { isBroken } from "./node-message.ts";
import type { NodeRequest, NodeResponse } from "./node-message.ts";

/**
 * A request's body as a web stream that reads from the socket only what is asked for.
 *
 * Not `Readable.toWeb`: cancelling that one destroys the socket, and with it the answer that says
 * why the body was refused. Not a byte stream: enqueueing there detaches the chunk's buffer, which
 * Node shares between chunks.
 */
export function bodyStream(request: NodeRequest, response: NodeResponse): ReadableStream<Uint8Array> {
  const source = new BodySource(request, response);
  return new ReadableStream(source, { highWaterMark: 0 });
}

class BodySource implements UnderlyingDefaultSource {
  readonly #request: NodeRequest;
  readonly #response: NodeResponse;
  #controller: Controller | undefined;
  #isWanted = false;

  constructor(request: NodeRequest, response: NodeResponse) {
    this.#request = request;
    this.#response = response;
  }

  pull(controller: Controller): void {
    this.#isWanted = true;
    if (this.#controller === undefined) this.#listen(controller);
    if (isBroken(this.#request)) this.#onBreak();
    else this.#request.resume();
  }

  cancel(): void {
    this.#stop();
    // What still comes is discarded, so that the connection can be used again.
    this.#request.resume();
  }

  /** Only once the body is wanted: Node discards by itself the body of a request that nobody listens to. */
  #listen(controller: Controller): void {
    this.#controller = controller;
    this.#request.on("data", this.#onData).on("end", this.#onEnd).on("error", this.#onBreak).on("close", this.#onBreak);
    this.#response.on("finish", this.#onAnswered);
  }

  #stop(): void {
    this.#request.off("data", this.#onData).off("end", this.#onEnd).off("error", this.#onBreak).off("close", this.#onBreak);
    this.#response.off("finish", this.#onAnswered);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#isWanted = false;
    this.#request.pause();
    this.#controller?.enqueue(chunk);
  };

  readonly #onEnd = (): void => {
    this.#stop();
    this.#controller?.close();
  };

  readonly #onBreak = (cause?: Error): void => {
    this.#stop();
    this.#controller?.error(new BackendError(CORE_ERRORS.bodyTruncated, { cause }));
  };

  /** A reader that has stopped half-way by the time of the answer would block the connection's next request. */
  readonly #onAnswered = (): void => {
    if (this.#isWanted) return;
    this.#onBreak(new Error("The request had been answered before its body was read."));
    this.#request.resume();
  };
}

type Controller = ReadableStreamDefaultController<Uint8Array>;

interface UnderlyingDefaultSource {
  pull(controller: Controller): void;
  cancel(): void;
}

/** Bytes at hand, as a stream. */
export function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
}
