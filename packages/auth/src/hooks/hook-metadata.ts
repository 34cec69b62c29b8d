import { randomUUID } from "node:crypto";
import type { AuthCall } from "../endpoint/auth-call.ts";

/** `metadata` of what a hook is told (internal/hooks/v0hooks). */
export const hookMetadata = ({ ip }: Pick<AuthCall, "ip">, name: string): object => ({ uuid: randomUUID(), time: new Date().toISOString(), name, ip_address: ip ?? "" });
