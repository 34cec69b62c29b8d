import type { Endpoint } from "../endpoint/endpoint.ts";
import { adminAudit } from "./admin-audit.ts";
import { deleteCustomProvider, updateCustomProvider } from "./custom-providers/change-custom-provider.ts";
import { createCustomProvider } from "./custom-providers/create-custom-provider.ts";
import { getCustomProvider, listCustomProviders } from "./custom-providers/read-custom-providers.ts";
import { adminFactorDelete } from "./factors/admin-factor-delete.ts";
import { adminFactorUpdate } from "./factors/admin-factor-update.ts";
import { adminFactors } from "./factors/admin-factors.ts";
import { adminPasskeyDelete } from "./factors/admin-passkey-delete.ts";
import { adminPasskeys } from "./factors/admin-passkeys.ts";
import { generateLink } from "./links/generate-link.ts";
import { invite } from "./links/invite.ts";
import { adminSessions } from "./sessions/admin-sessions.ts";
import { adminSessionDelete, adminSessionsDelete } from "./sessions/admin-sessions-delete.ts";
import { ownSessionDelete, ownSessions } from "./sessions/own-sessions.ts";
import { adminUserCreate } from "./users/admin-user-create.ts";
import { adminUserDelete } from "./users/admin-user-delete.ts";
import { adminUserGet } from "./users/admin-user-get.ts";
import { adminUserUpdate } from "./users/admin-user-update.ts";
import { adminUsers } from "./users/admin-users.ts";

/** By which administrators look after users; and users after their own sessions. */
export const ADMIN_ENDPOINTS: readonly Endpoint[] = [
  adminUsers, adminUserCreate, adminUserGet, adminUserUpdate, adminUserDelete,
  adminFactors, adminFactorUpdate, adminFactorDelete, adminPasskeys, adminPasskeyDelete,
  adminSessions, adminSessionsDelete, adminSessionDelete, ownSessions, ownSessionDelete,
  invite, generateLink, adminAudit,
  listCustomProviders, createCustomProvider, getCustomProvider, updateCustomProvider, deleteCustomProvider,
];
