import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { errorResponse, queryMessage, READY_WHILE_IDLE, SYNC } from "../wire/backend-messages.ts";
import { ANSWER, ANSWER_CANCELLED, ENDS_READY, HIDE_FIRST_PARSE, type Record as WireRecord, readRecords, REQUEST } from "../wire/record.ts";
import type { ListenIntent } from "../wire/session-commands.ts";
import { BACKEND } from "../wire/message-type.ts";
import { BOARD } from "../wire/status-board.ts";
import { AnswerWriter } from "./answer-writer.ts";
import type { Backend } from "./backend.ts";
import { BatchQueue, type QueuedBatch } from "./batch-queue.ts";
import { Listeners } from "./listeners.ts";
import { RESTORE_SESSION, SessionSettings } from "./session-settings.ts";
import type { WorkerOrder } from "./worker-protocol.ts";

/** Answers wait this long for others to go out with them, in milliseconds. */
const LONGEST_HOLD = 0.25;
const NOTHING = Buffer.alloc(0);
const CANCELLED = errorResponse({ severity: "ERROR", sqlstate: "57014", message: "canceling statement due to user request" });

export interface BatchRunnerOptions {
  readonly port: MessagePort;
  readonly backend: Backend;
  readonly board: Int32Array<SharedArrayBuffer>;
  /** ParameterStatus messages of the session as it was opened. */
  readonly parameters: readonly Buffer[];
  onOrder(order: WorkerOrder): void;
  /** The backend gave no proper end to its answer. */
  onBroken(reason: Error): never;
}

/** Runs what clients send, batch by batch. */
export class BatchRunner {
  readonly #options: BatchRunnerOptions;
  readonly #queue = new BatchQueue();
  readonly #listeners: Listeners;
  readonly #settings: SessionSettings;
  readonly #answers: AnswerWriter;
  #owner = 0;
  #flushed = 0;
  #stopped = false;

  constructor(options: BatchRunnerOptions) {
    this.#options = options;
    this.#listeners = new Listeners(options.backend);
    this.#settings = new SessionSettings(options.parameters);
    this.#answers = new AnswerWriter({
      post: (records) => options.port.postMessage(records, [records]),
      wantsNotification: (client, message) => this.#listeners.of(message).has(client),
      onParameter: (message) => this.#settings.report(message),
    });
  }

  receive(message: ArrayBuffer | WorkerOrder): void {
    this.#take(message);
    this.#pump();
  }

  /** Sends what there is before the thread ends. */
  flushBroken(): void {
    this.#answers.breakOff();
    this.#answers.flush();
  }

  /** Runs nothing more, and rolls back the transaction that is open. */
  stop(): void {
    this.#stopped = true;
    this.#rollBack();
  }

  #rollBack(): void {
    if (this.#owner === 0) return;
    this.#ask(Buffer.concat([SYNC, queryMessage("rollback")]));
    this.#setOwner(0);
  }

  /** Undoes what another client has done to the session. That one is told, as PostgreSQL tells of any change, and has to set it anew. */
  #restoreSession(client: number): void {
    const changer = this.#settings.changedByOther(client);
    if (changer === 0) return;
    for (const message of this.#ask(queryMessage(RESTORE_SESSION))) this.#answers.write(changer, 0, message);
    this.#settings.settle(changer);
  }

  /** Runs messages of our own. @returns the settings that it was reported to change */
  #ask(messages: Uint8Array): Buffer[] {
    const reports = this.#options.backend.ask(messages).filter((message) => message[0] === BACKEND.parameterStatus);
    for (const report of reports) this.#settings.report(report);
    return reports;
  }

  readonly #takers: Readonly<Record<number, (record: WireRecord) => void>> = {
    [REQUEST.batch]: (record) => this.#queue.push(record),
    [REQUEST.listen]: (record) => this.#queue.push(record),
    [REQUEST.end]: (record) => this.#queue.push(record),
    [REQUEST.forget]: (record) => this.#forget(record),
  };

  #take(message: ArrayBuffer | WorkerOrder): void {
    if (!(message instanceof ArrayBuffer)) return this.#options.onOrder(message);
    for (const record of readRecords(message)) (this.#takers[record.head & 0xff] as (record: WireRecord) => void)(record);
  }

  #pump(): void {
    this.#flushed = performance.now();
    while (!this.#stopped) {
      const batch = this.#queue.next(this.#owner);
      if (batch) this.#run(batch);
      const now = performance.now();
      if (batch && now - this.#flushed < LONGEST_HOLD && !this.#answers.isLong) continue;
      if (!this.#receiveMore() && !batch) break;
      this.#answers.flush();
      this.#flushed = now;
    }
    this.#answers.flush();
  }

  #receiveMore(): boolean {
    const received = receiveMessageOnPort(this.#options.port) as { message: ArrayBuffer | WorkerOrder } | undefined;
    if (received) this.#take(received.message);
    return received !== undefined;
  }

  #run(batch: QueuedBatch): void {
    const kind = batch.head & 0xff;
    if (kind === REQUEST.listen) return this.#listeners.announce(batch.client, JSON.parse(batch.body.toString()) as ListenIntent[]);
    const { board } = this.#options;
    Atomics.add(board, BOARD.batch, 1);
    Atomics.store(board, BOARD.running, batch.client);
    if (kind === REQUEST.end) this.#end(batch);
    else this.#exchange(batch);
    Atomics.store(board, BOARD.running, 0);
  }

  #exchange({ client, head, body }: QueuedBatch): void {
    if (this.#owner === 0) this.#restoreSession(client);
    this.#answers.begin(client, (head & HIDE_FIRST_PARSE) !== 0);
    this.#options.backend.exchange(body, (chunk) => this.#answers.append(chunk));
    if (head & ENDS_READY && !this.#answers.isReady) this.#options.onBroken(new Error("the backend left a statement without an answer"));
    const { status, failed, tag, notifications } = this.#answers.finish();
    if (status !== undefined || this.#owner === 0) this.#setOwner(status === "idle" ? 0 : client);
    if (status === "idle") this.#settle(client, !failed && tag !== "ROLLBACK");
    for (const notification of notifications) this.#broadcast(notification, client);
  }

  #settle(client: number, committed: boolean): void {
    this.#settings.settle(client);
    this.#listeners.settle(client, committed);
  }

  #broadcast(notification: Buffer, sender: number): void {
    for (const client of this.#listeners.of(notification)) {
      if (client !== sender) this.#answers.write(client, 0, notification);
    }
  }

  #end({ client, body }: QueuedBatch): void {
    if (this.#owner === client) this.#rollBack();
    this.#options.backend.exchange(body, () => undefined);
    this.#listeners.remove(client);
    this.#answers.write(client, ANSWER.done, NOTHING);
  }

  #forget({ client, head }: WireRecord): void {
    for (const batch of this.#queue.remove(client)) {
      if ((batch.head & 0xff) !== REQUEST.batch) continue;
      const answer = head & ANSWER_CANCELLED ? Buffer.concat([CANCELLED, batch.head & ENDS_READY ? READY_WHILE_IDLE : NOTHING]) : NOTHING;
      this.#answers.write(client, ANSWER.done, answer);
    }
  }

  #setOwner(client: number): void {
    this.#owner = client;
    Atomics.store(this.#options.board, BOARD.owner, client);
  }
}
