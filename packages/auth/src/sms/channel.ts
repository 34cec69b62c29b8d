import { AuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";

const CHANNELS: ReadonlySet<string> = new Set(["sms", "whatsapp"]);

/** How a message gets to a phone. Default: "sms". @throws BackendError validation_failed */
export function channelOf(asked: string | undefined): string {
  const channel = asked ?? "sms";
  if (!CHANNELS.has(channel)) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Invalid channel, supported values are 'sms' or 'whatsapp'. 'whatsapp' is only supported if Twilio or Twilio Verify is used as the provider." });
  return channel;
}
