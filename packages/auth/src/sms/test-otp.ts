import type { AuthConfig } from "../config/auth-options.ts";
import { formatPhone } from "../users/normalize-address.ts";

/** The code that always holds for a number, where the project's settings give it one: nothing is sent there. */
export function testOtpOf({ testOtp, testOtpValidUntil }: Pick<AuthConfig["sms"], "testOtp" | "testOtpValidUntil">, phone: string): string | undefined {
  if (testOtpValidUntil !== undefined && Date.now() > Date.parse(testOtpValidUntil)) return undefined;
  return Object.entries(testOtp).find(([number]) => formatPhone(number) === phone)?.[1];
}
