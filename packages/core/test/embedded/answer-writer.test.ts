import { expect, test } from "vitest";
import { encodeMessage } from "../../src/database/embedded/wire/encode-message.ts";
import { BACKEND } from "../../src/database/embedded/wire/message-type.ts";
import { ANSWER, readRecords } from "../../src/database/embedded/wire/record.ts";
import { AnswerWriter } from "../../src/database/embedded/worker/answer-writer.ts";

/** Numbers that look random and are the same each time. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    yield state;
  }
}

const DATA_ROW = 0x44;
const notification = (sender: number, text: string): Buffer => {
  const body = Buffer.from(`    channel\0${text}\0`);
  body.writeInt32BE(sender, 0);
  return encodeMessage(BACKEND.notification, body);
};

test.each([1, 2, 3, 4, 5])("however the backend's output is cut (%i), the client gets its messages whole and in order", (seed) => {
  const random = numbers(seed);
  const next = (limit: number): number => random.next().value % limit;
  const posted: ArrayBuffer[] = [];
  const parameters: Buffer[] = [];
  const writer = new AnswerWriter({ post: (records) => posted.push(records), wantsNotification: (_client, message) => message.includes("wanted"), onParameter: (message) => parameters.push(Buffer.from(message)) });

  const sent: Buffer[] = [];
  const expected: Buffer[] = [];
  for (let i = 0; i < 2_000; i++) {
    if (next(4) === 0) {
      const text = next(2) === 0 ? "wanted" : "other";
      sent.push(notification(42, text));
      if (text === "wanted") expected.push(notification(7, text));
    } else {
      const message = encodeMessage(next(10) === 0 ? BACKEND.parameterStatus : DATA_ROW, Buffer.alloc(next(next(50) === 0 ? 200_000 : 700), i));
      sent.push(message);
      expected.push(message);
    }
  }
  const ready = encodeMessage(BACKEND.readyForQuery, Buffer.from("T"));
  const output = Buffer.concat([...sent, ready]);

  writer.begin(7, false);
  for (let offset = 0; offset < output.length; ) {
    const size = 1 + next(next(3) === 0 ? 9 : 9_000);
    writer.append(output.subarray(offset, offset + size));
    offset += size;
  }
  const summary = writer.finish();
  writer.flush();

  const records = posted.flatMap((buffer) => [...readRecords(buffer)]);
  expect(Buffer.concat(records.map(({ body }) => body)).equals(Buffer.concat([...expected, ready]))).toBe(true);
  expect(records.map(({ client }) => client)).toEqual(records.map(() => 7));
  expect(records.map(({ head }) => (head & ANSWER.done) !== 0)).toEqual(records.map((_, i) => i === records.length - 1));
  expect(summary).toMatchObject({ status: "transaction", failed: false });
  expect(parameters).toEqual(sent.filter((message) => message[0] === BACKEND.parameterStatus).map((message) => message.subarray(0, 16 * 1024)));
  expect(summary.notifications).toHaveLength(sent.filter((message) => message[0] === BACKEND.notification).length);
});

test("answers of many clients go out together, each as a record of its own", () => {
  const posted: ArrayBuffer[] = [];
  const writer = new AnswerWriter({ post: (records) => posted.push(records), wantsNotification: () => false, onParameter: () => undefined });
  for (const client of [1, 2, 3]) {
    writer.begin(client, true);
    writer.append(encodeMessage(BACKEND.parseComplete, Buffer.alloc(0)));
    writer.append(encodeMessage(BACKEND.parseComplete, Buffer.alloc(0)));
    writer.append(encodeMessage(BACKEND.readyForQuery, Buffer.from("I")));
    expect(writer.finish()).toMatchObject({ status: "idle" });
  }
  writer.flush();
  expect(posted).toHaveLength(1);
  expect([...readRecords(posted[0] as ArrayBuffer)].map(({ client, body }) => [client, body.length])).toEqual([[1, 11], [2, 11], [3, 11]]);
});
