import type { Endpoint } from "../endpoint/endpoint.ts";
import { authorizeLinking } from "../identities/authorize-linking.ts";
import { unlinkIdentity } from "../identities/unlink-identity.ts";
import { authorize } from "./authorize.ts";
import { callback, callbackForm } from "./callback.ts";

/** Signing in with providers, and the identities that come of it. */
export const PROVIDER_ENDPOINTS: readonly Endpoint[] = [authorize, callback, callbackForm, authorizeLinking, unlinkIdentity];
