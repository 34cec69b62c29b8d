import type { AuthCall } from "../endpoint/auth-call.ts";
import type { NewUser } from "../users/create-user.ts";
import { invokeHook } from "./invoke-hook.ts";

const described = (user: NewUser): object => ({
  id: user.id, aud: user.aud, role: user.role, email: user.email ?? "", phone: user.phone ?? "", app_metadata: user.appMetadata ?? {}, user_metadata: user.userMetadata ?? {}, identities: [],
  is_anonymous: user.isAnonymous ?? false, created_at: "0001-01-01T00:00:00Z", updated_at: "0001-01-01T00:00:00Z",
});

/** Asked before a user is made. @throws BackendError what the hook refuses it with */
export async function beforeUserCreated(call: AuthCall, user: NewUser): Promise<void> {
  if (call.config.hook.beforeUserCreated.enabled) await invokeHook(call, "beforeUserCreated", { user: described(user) });
}

export async function afterUserCreated(call: AuthCall, user: NewUser): Promise<void> {
  if (call.config.hook.afterUserCreated.enabled) await invokeHook(call, "afterUserCreated", { user: described(user) });
}
