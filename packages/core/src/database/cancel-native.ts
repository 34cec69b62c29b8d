import { once } from "node:events";
import net from "node:net";
import type pg from "pg";

const CANCEL_REQUEST_CODE = 80_877_102;

/** A server that doesn't answer is not waited for any longer, in milliseconds. */
const PATIENCE_MS = 5_000;

/** What a CancelRequest needs of a connected client; `pg` keeps it on the client. */
interface Cancellable {
  readonly processID?: number | null;
  readonly secretKey?: number | null;
  readonly host: string;
  readonly port: number;
}

/**
 * Asks a native server to end what `client` is running.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS
 * TLS is not used, since the request carries no data but the key.
 */
export async function cancelNative(client: pg.ClientBase): Promise<void> {
  const { processID, secretKey, host, port } = client as unknown as Cancellable;
  if (processID == null || secretKey == null) return;
  const message = Buffer.alloc(16);
  message.writeInt32BE(16, 0);
  message.writeInt32BE(CANCEL_REQUEST_CODE, 4);
  message.writeInt32BE(processID, 8);
  message.writeInt32BE(secretKey, 12);
  const socket = host.startsWith("/") ? net.connect(`${host}/.s.PGSQL.${port}`) : net.connect(port, host);
  socket.on("error", () => undefined);
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  // The server ends the connection when it has acted. To a pooler, one that its client ends sooner is a request taken back.
  socket.write(message);
  socket.resume();
  await once(socket, "close");
}
