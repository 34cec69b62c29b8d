import { randomInt } from "node:crypto";
import { AUTHENTICATION_OK, backendKeyData, errorResponse, READY_WHILE_IDLE, SYNC, type WireError } from "../wire/backend-messages.ts";
import { FrontendFrames } from "../wire/frontend-frames.ts";
import { FRONTEND } from "../wire/message-type.ts";
import { ANSWER, REQUEST } from "../wire/record.ts";
import { readDuration, readStartupPacket } from "../wire/startup-packet.ts";
import { BatchBuilder } from "./batch-builder.ts";
import type { VirtualPeer, VirtualStream } from "./virtual-stream.ts";

/** What a session needs of the instance that it is a client of. */
export interface SessionHost {
  /** The client has introduced itself: the instance calls `welcome` or `fail`. */
  start(session: ClientSession): void;
  cancel(processId: number, secretKey: number): void;
  post(session: ClientSession, head: number, parts: readonly Uint8Array[]): void;
}

const NOTHING: readonly Uint8Array[] = [];

/** One client of an embedded database, from its first byte to its last. */
export class ClientSession implements VirtualPeer {
  /** Doubles as the process id that the client is told; from 1. */
  readonly id: number;
  readonly secretKey = randomInt(2 ** 31);
  /** Batches posted and not answered in full. */
  outstanding = 0;
  /** The client's own limit from its start-up parameters, in milliseconds. */
  #statementTimeoutMs: number | undefined;
  readonly #host: SessionHost;
  readonly #stream: VirtualStream;
  readonly #frames: FrontendFrames;
  readonly #batches: BatchBuilder;
  #state: "starting" | "open" | "ending" | "over" = "starting";
  #inMidMessage = false;
  #saidGoodbye = false;

  constructor(id: number, host: SessionHost, stream: VirtualStream) {
    this.id = id;
    this.#host = host;
    this.#stream = stream;
    this.#batches = new BatchBuilder(id);
    this.#frames = new FrontendFrames(
      (packet) => this.#takePacket(packet),
      (message) => this.#takeMessage(message),
    );
  }

  /** The client's own limit, in milliseconds; undefined where it has none. */
  get statementTimeoutMs(): number | undefined {
    return this.#stream.statementTimeoutMs ?? this.#statementTimeoutMs;
  }

  receive(chunk: Buffer): void {
    try {
      this.#frames.feed(chunk);
    } catch (error) {
      const violation: WireError = { severity: "FATAL", sqlstate: "08P01", message: (error as Error).message };
      if (this.#state === "open") this.hangUpWith(violation);
      else this.fail(violation);
    }
  }

  disconnected(): void {
    if (this.#state === "open") {
      this.#host.post(this, REQUEST.forget, NOTHING);
      this.#end();
    }
    if (this.#state === "starting") this.#state = "over";
  }

  get isOver(): boolean {
    return this.#state === "over";
  }

  /** @param parameters ParameterStatus messages as the backend gave them */
  welcome(parameters: Uint8Array): void {
    if (this.#state !== "starting") return;
    this.#state = "open";
    this.#push(Buffer.concat([AUTHENTICATION_OK, parameters, backendKeyData(this.id, this.secretKey), READY_WHILE_IDLE]));
  }

  /** A piece of the answer, or a notification. */
  answer(head: number, body: Buffer): void {
    if (head & ANSWER.done) this.outstanding--;
    this.#inMidMessage = (head & ANSWER.cut) !== 0;
    if (body.length > 0) this.#push(body);
    if (this.#state === "ending" && this.outstanding === 0) this.#hangUp();
  }

  /** Tells the client why, if it is at a point where it can be told, and hangs up. */
  fail(error: WireError): void {
    if (this.#state === "over") return;
    this.outstanding = 0;
    // It has said goodbye already, and waits for nothing but the same.
    if (this.#state === "ending") return this.#hangUp();
    this.#state = "over";
    if (this.#inMidMessage) return void this.#stream.destroy(new Error(error.message));
    this.#push(errorResponse(error));
    this.#hangUp();
  }

  /** As `fail`, where the backend lives on: what the client left open there is rolled back. */
  hangUpWith(error: WireError): void {
    if (this.#state !== "open") return;
    if (!this.#inMidMessage) this.#push(errorResponse(error));
    this.disconnected();
    this.#sayGoodbye();
  }

  #takePacket(bytes: Buffer): "again" | "typed" {
    const packet = readStartupPacket(bytes);
    if (packet.kind === "encryption") this.#push(Buffer.from("N"));
    if (packet.kind === "cancel") {
      this.#host.cancel(packet.processId, packet.secretKey);
      this.#hangUp();
    }
    if (packet.kind !== "startup") return "again";
    this.#statementTimeoutMs = readDuration(packet.parameters.get("statement_timeout"));
    this.#host.start(this);
    return "typed";
  }

  #takeMessage(message: Buffer): void {
    if (message[0] === FRONTEND.terminate) return this.#terminate();
    if (this.#state !== "open") return;
    const batch = this.#batches.take(message);
    if (!batch) return;
    if (batch.intents.length > 0) this.#host.post(this, REQUEST.listen, [Buffer.from(JSON.stringify(batch.intents))]);
    this.outstanding++;
    this.#host.post(this, REQUEST.batch | batch.flags, batch.parts);
  }

  #terminate(): void {
    if (this.#state === "open") this.#end();
    if (this.#state === "starting") this.#hangUp();
  }

  #end(): void {
    this.#state = "ending";
    this.outstanding++;
    this.#host.post(this, REQUEST.end, [...this.#batches.names.closeMessages(), SYNC]);
  }

  #hangUp(): void {
    this.#state = "over";
    this.#sayGoodbye();
  }

  #sayGoodbye(): void {
    if (!this.#stream.destroyed && !this.#saidGoodbye) this.#stream.push(null);
    this.#saidGoodbye = true;
  }

  #push(bytes: Buffer): void {
    if (!this.#stream.destroyed && !this.#saidGoodbye) this.#stream.push(bytes);
  }
}
