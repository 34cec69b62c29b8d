import { randomUUID } from "node:crypto";
import type { OutboundFetch } from "@plinth/core";
import { z } from "zod";
import type { AuthConfig } from "../config/auth-options.ts";
import { SMS_TIMEOUT, type SmsSender } from "./sms-sender.ts";

const answerSchema = z.object({ message_id: z.string() });

/**
 * Posts `{phone, message, otp, channel}` as JSON, signed as Standard Webhooks has it, to an address of the application's
 * own. Any 2xx is taken for sent; `{"message_id": "…"}` in the answer names the message.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function webhookSender({ url, secrets }: NonNullable<AuthConfig["sms"]["webhook"]>, fetch: OutboundFetch): SmsSender {
  return {
    send: async ({ phone, text, code, channel }) => {
      const body = JSON.stringify({ phone: `+${phone}`, message: text, otp: code, channel });
      const headers = { "content-type": "application/json", ...(await sign(body, secrets)) };
      const response = await fetch(url, { method: "POST", body, headers, redirect: "error", signal: AbortSignal.timeout(SMS_TIMEOUT) });
      const answer: unknown = await response.json().catch(() => undefined);
      if (!response.ok) throw new Error(`The webhook answered ${response.status}.`);
      return { id: answerSchema.safeParse(answer).data?.message_id };
    },
  };
}

/** Secrets are `v1,whsec_<base64>`. */
async function sign(body: string, secrets: readonly string[]): Promise<Readonly<Record<string, string>>> {
  if (secrets.length === 0) return {};
  const { Webhook } = await import("standardwebhooks");
  const [id, at] = [randomUUID(), new Date()];
  const signatures = secrets.map((secret) => new Webhook(secret.replace(/^v1,/, "")).sign(id, at, body));
  return { "webhook-id": id, "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)), "webhook-signature": signatures.join(" ") };
}
