import { getUser } from "./account/get-user.ts";
import { logout } from "./account/logout.ts";
import { signup } from "./account/signup.ts";
import type { Endpoint } from "./endpoint/endpoint.ts";
import { health } from "./public/health.ts";
import { settings } from "./public/settings.ts";
import { token } from "./sign-in/token.ts";

/** Every endpoint below `/auth/v1`, but for the key set, which core answers. */
export const ENDPOINTS: readonly Endpoint[] = [
  health, settings,
  signup, token,
  getUser, logout,
];
