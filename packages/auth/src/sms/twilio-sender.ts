import type { OutboundFetch } from "@plinth/core";
import { z } from "zod";
import type { AuthConfig } from "../config/auth-options.ts";
import { SMS_TIMEOUT, type SmsSender } from "./sms-sender.ts";

const TWILIO = "https://api.twilio.com";

const messageSchema = z.object({ sid: z.string().optional(), status: z.string().optional(), error_code: z.unknown().optional(), error_message: z.string().nullish() });
const errorSchema = z.object({ message: z.string(), more_info: z.string().optional() });

/** Twilio's Programmable Messaging, or what has the same API. https://www.twilio.com/docs/messaging/api/message-resource */
export function twilioSender({ accountSid, authToken, messageServiceSid, url = TWILIO }: NonNullable<AuthConfig["sms"]["twilio"]>, fetch: OutboundFetch): SmsSender {
  const endpoint = `${url.replace(/\/+$/, "")}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`;
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
  return {
    send: async ({ phone, text, channel }) => {
      const body = new URLSearchParams({ To: address(`+${phone}`, channel), Channel: channel, From: address(messageServiceSid, channel), Body: text });
      const response = await fetch(endpoint, { method: "POST", body, headers: { authorization }, redirect: "error", signal: AbortSignal.timeout(SMS_TIMEOUT) });
      const answer: unknown = await response.json().catch(() => undefined);
      if (!response.ok) throw new Error(describeError(answer) ?? `The service answered ${response.status}.`);
      const { sid, status, error_code: code, error_message: message } = messageSchema.parse(answer);
      if (status === "failed" || status === "undelivered") throw new Error(`twilio error: ${message ?? ""} ${String(code)} for message ${sid ?? ""}`);
      return { id: sid };
    },
  };
}

/** Numbers are of the channel; ids of messaging services are not. */
const address = (number: string, channel: string): string => (channel === "whatsapp" && /^\+?[1-9]\d{1,14}$/.test(number) ? `whatsapp:${number}` : number);

function describeError(answer: unknown): string | undefined {
  const { data } = errorSchema.safeParse(answer);
  return data && (data.more_info === undefined ? data.message : `${data.message} More information: ${data.more_info}`);
}
