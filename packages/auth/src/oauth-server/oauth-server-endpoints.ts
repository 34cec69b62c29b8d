import type { Endpoint } from "../endpoint/endpoint.ts";
import { adminCreateClient } from "./admin-create-client.ts";
import { adminDeleteClient } from "./admin-delete-client.ts";
import { adminGetClient } from "./admin-get-client.ts";
import { adminListClients } from "./admin-list-clients.ts";
import { adminRegenerateSecret } from "./admin-regenerate-secret.ts";
import { adminUpdateClient } from "./admin-update-client.ts";
import { oauthAuthorize } from "./authorize.ts";
import { consent } from "./consent.ts";
import { getAuthorization } from "./get-authorization.ts";
import { listGrants } from "./list-grants.ts";
import { oauthToken } from "./oauth-token.ts";
import { registerClient } from "./register-client.ts";
import { revokeGrant } from "./revoke-grant.ts";
import { oauthServerMetadata, openIdConfiguration } from "./server-metadata.ts";
import { userinfo } from "./userinfo.ts";

/** Of the OAuth 2.1 server. */
export const OAUTH_SERVER_ENDPOINTS: readonly Endpoint[] = [
  openIdConfiguration, oauthServerMetadata,
  oauthAuthorize, getAuthorization, consent, oauthToken, userinfo, registerClient,
  listGrants, revokeGrant,
  adminListClients, adminCreateClient, adminGetClient, adminUpdateClient, adminDeleteClient, adminRegenerateSecret,
];
