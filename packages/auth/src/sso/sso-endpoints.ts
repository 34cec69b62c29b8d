import type { Endpoint } from "../endpoint/endpoint.ts";
import { adminCreateProvider } from "./admin-create-provider.ts";
import { adminDeleteProvider } from "./admin-delete-provider.ts";
import { adminGetProvider } from "./admin-get-provider.ts";
import { adminListProviders } from "./admin-list-providers.ts";
import { adminUpdateProvider } from "./admin-update-provider.ts";
import { samlAcs } from "./saml-acs.ts";
import { samlMetadata } from "./saml-metadata.ts";
import { singleSignOn } from "./single-sign-on.ts";

/** Sign-in with identity providers of organisations (SAML 2.0). */
export const SSO_ENDPOINTS: readonly Endpoint[] = [singleSignOn, samlMetadata, samlAcs, adminListProviders, adminCreateProvider, adminGetProvider, adminUpdateProvider, adminDeleteProvider];
