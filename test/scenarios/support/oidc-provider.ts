import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair } from "jose";
import { type Adapter, type AdapterPayload, Provider } from "oidc-provider";

/** Seconds. */
const TTL = 600;

export interface OidcClient {
  readonly client_id: string;
  readonly client_secret: string;
  readonly redirect_uris: readonly string[];
}

/** An OpenID Connect provider on the machine itself. Whoever comes is who `login_hint` says, and has agreed to everything. */
export interface LoopbackOidcProvider {
  readonly issuer: string;
  close(): Promise<void>;
}

/** "unverified-…" have an address that nobody has verified; "nameless-…" have none. "refuse" doesn't agree. */
const claimsOf = (id: string): Record<string, unknown> => ({
  sub: id,
  name: `User ${id}`,
  picture: `https://pictures.example.com/${id}.png`,
  ...(id.startsWith("nameless") ? {} : { email: `${id.replace(/^unverified-/, "")}@Example.com`, email_verified: !id.startsWith("unverified-") }),
});

export async function startOidcProvider(clients: readonly OidcClient[]): Promise<LoopbackOidcProvider> {
  let handle: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
  const server = createServer((request, response) => handle(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const kept = new Map<string, AdapterPayload>();
  const provider = new Provider(issuer, {
    clients: clients.map((client) => ({ ...client, redirect_uris: [...client.redirect_uris], grant_types: ["authorization_code", "refresh_token"] })),
    jwks: { keys: [{ ...(await exportJWK(privateKey)), use: "sig", kid: "1", alg: "RS256" }] },
    adapter: (model: string) => new MemoryAdapter(model, kept),
    ttl: { Interaction: TTL, Grant: TTL, Session: TTL, AccessToken: TTL, RefreshToken: TTL, IdToken: TTL, AuthorizationCode: 60 },
    cookies: { keys: ["only for tests"] },
    claims: { email: ["email", "email_verified"], profile: ["name", "picture"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    findAccount: async (_context, id) => ({ accountId: id, claims: async () => claimsOf(id) as { sub: string } }),
    issueRefreshToken: async () => true,
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({ clientId: oidc.client!.clientId, accountId: oidc.session!.accountId! });
      grant.addOIDCScope("openid email profile offline_access");
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  handle = (request, response) => {
    if (request.url?.startsWith("/interaction/")) void logIn(provider, request, response);
    else void answer(request, response);
  };
  return {
    issuer,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** What the provider keeps, as long as it runs; its own would warn of that. */
class MemoryAdapter implements Adapter {
  readonly #model: string;
  readonly #kept: Map<string, AdapterPayload>;

  constructor(model: string, kept: Map<string, AdapterPayload>) {
    this.#model = model;
    this.#kept = kept;
  }

  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    this.#kept.set(`${this.#model} ${id}`, payload);
    if (payload.uid !== undefined) this.#kept.set(`${this.#model} uid ${payload.uid}`, payload);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.#kept.get(`${this.#model} ${id}`);
  }

  findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.find(`uid ${uid}`);
  }

  async findByUserCode(): Promise<undefined> {}

  async consume(id: string): Promise<void> {
    const payload = await this.find(id);
    if (payload) payload["consumed"] = Math.floor(Date.now() / 1_000);
  }

  async destroy(id: string): Promise<void> {
    this.#kept.delete(`${this.#model} ${id}`);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [key, payload] of this.#kept) if (payload.grantId === grantId) this.#kept.delete(key);
  }
}

async function logIn(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { params } = await provider.interactionDetails(request, response);
  const who = String(params["login_hint"]);
  const result = who === "refuse" ? { error: "access_denied", error_description: "The user refused" } : { login: { accountId: who } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}
