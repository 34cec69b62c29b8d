import { randomUUID } from "node:crypto";
import type { AuthCall } from "../endpoint/auth-call.ts";

/** What hooks are told of the request. @param name of the hook, as GoTrue spells it: "before-user-created" */
export const hookMetadata = ({ ip }: Pick<AuthCall, "ip">, name: string): object => ({ uuid: randomUUID(), time: new Date().toISOString(), name, ip_address: ip ?? "" });
