/** A message to a phone. */
export interface Sms {
  /** Digits, without "+". */
  readonly phone: string;
  readonly text: string;
  /** That stands in the text. */
  readonly code: string;
  /** "sms" or "whatsapp". */
  readonly channel: string;
}

/** What the sender says of a message. */
export interface MessageReceipt {
  /** Its name of the message, where it gives one. */
  id?: string | undefined;
}

/** Sends messages: to a service's HTTP API, say. */
export interface SmsSender {
  /** @throws whatever keeps it from being sent, with a message for the application's developers */
  send(sms: Sms): Promise<MessageReceipt>;
}

/** Milliseconds that a service may take. */
export const SMS_TIMEOUT = 10_000;
