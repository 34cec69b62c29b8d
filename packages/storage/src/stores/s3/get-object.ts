import { Readable, Transform } from "node:stream";
import type { GetOptions, ObjectKey } from "@plinth/core";
import { destroyOnAbort } from "../destroy-on-abort.ts";
import type { S3Bucket } from "./s3-bucket.ts";
import { s3Error, unavailable } from "./s3-error.ts";

/** @throws as `ObjectStore.get`; so does the stream, where the server breaks off */
export async function getObject(bucket: S3Bucket, key: ObjectKey, { range, signal }: GetOptions): Promise<Readable | undefined> {
  const input = bucket.at(key);
  if (range !== undefined && !(range.start >= 0 && range.end >= range.start)) throw new RangeError(`No range: ${range.start} to ${range.end}`);
  const Range = range === undefined ? {} : { Range: `bytes=${range.start}-${range.end}` };
  const answer = await bucket.sendIfPresent((client, sdk, abort) => client.send(new sdk.GetObjectCommand({ ...input, ...Range }), abort), signal, "reader");
  if (answer === undefined) return undefined;
  const { Body: body, ContentLength: size } = answer;
  if (!(body instanceof Readable) || size === undefined) throw unavailable("The server answered without bytes, or without saying how many.");
  if (range !== undefined && size !== range.end - range.start + 1) {
    body.destroy();
    throw new RangeError(`No range of the object's bytes: ${range.start} to ${range.end}`);
  }
  return destroyOnAbort(wholeBody(body, size), signal);
}

/** A connection that ends too early must not look like an end. */
function wholeBody(body: Readable, size: number): Readable {
  let rest = size;
  const whole = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      rest -= chunk.length;
      done(null, chunk);
    },
    flush(done) {
      done(rest === 0 ? null : unavailable(`The server's answer ended ${rest} bytes early.`));
    },
    destroy(error, done) {
      body.destroy();
      done(error);
    },
  });
  body.once("error", (error) => whole.destroy(s3Error(error) as Error));
  return body.pipe(whole);
}
