import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { AuthTransaction } from "../database/auth-database.ts";
import { now } from "../database/now.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";

const stateSchema = z.object({ verifier: z.string().optional(), nonce: z.string().optional(), redirectUri: z.string() });

/** What is kept between the leaving for a provider and the coming back, beside the flow's own row. */
export type ClientState = Readonly<z.infer<typeof stateSchema>>;

const PURPOSE = "auth.client-state";

/** Keeps it, sealed, in `oauth_client_states.code_verifier`. @returns its id */
export async function keepClientState({ tenant }: AuthCall, db: AuthTransaction, provider: string, state: ClientState): Promise<string> {
  const id = randomUUID();
  const sealed = await tenant.secrets.seal(JSON.stringify(state), PURPOSE);
  await db.insertInto("auth.oauth_client_states").values({ id, provider_type: provider, code_verifier: sealed, created_at: now() }).execute();
  return id;
}

/** Takes it out: who has it is the only one to go on with the flow. Undefined: somebody has. */
export async function takeClientState({ tenant }: AuthCall, db: AuthTransaction, id: string): Promise<ClientState | undefined> {
  const row = await db.deleteFrom("auth.oauth_client_states").where("id", "=", id).returningAll().executeTakeFirst();
  return row?.code_verifier ? stateSchema.parse(JSON.parse(await tenant.secrets.open(row.code_verifier, PURPOSE))) : undefined;
}
