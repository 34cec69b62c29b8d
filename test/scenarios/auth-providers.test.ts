import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Browser, createBrowser } from "./support/browser.ts";
import { type LoopbackOidcProvider, startOidcProvider } from "./support/oidc-provider.ts";
import { openNativeOrEmbedded } from "./support/open-backend.ts";

const SITE = "https://app.example.com";
const CALLBACK = "http://backend/auth/v1/callback";
const PASSWORD = "correct horse battery";

type FlowType = "pkce" | "implicit";

describeDatabases("signing in with providers", (databases) => {
  let oidc: LoopbackOidcProvider;
  let backend: TestBackend;
  let close: () => Promise<void>;
  beforeAll(async () => {
    oidc = await startOidcProvider([{ client_id: "app", client_secret: "secret-of-app", redirect_uris: [CALLBACK] }]);
    const provider = { enabled: true, clientId: "app", secret: "secret-of-app", url: oidc.issuer };
    ({ backend, close } = await openNativeOrEmbedded(databases, {
      auth: {
        siteUrl: SITE, uriAllowList: ["com.example.app://callback", "https://*.preview.example.org/**"], password: { cost: 4 },
        security: { manualLinkingEnabled: true }, rateLimit: { emailSent: 0 },
        external: { anonymousUsers: { enabled: true }, oidc: { acme: provider, "acme-two": provider } },
      },
    }));
  });
  afterAll(async () => {
    await close();
    await oidc.close();
  });

  const client = (flowType: FlowType = "pkce"): SupabaseClient =>
    createClient("http://backend", backend.anonKey, { global: { fetch: backend.fetch }, auth: { flowType, persistSession: false, autoRefreshToken: false, detectSessionInUrl: false, storageKey: `sb-${Math.random()}` } });
  const browser = (): Browser => createBrowser((request) => backend.fetch(request));

  /** From the application to the provider and back to it. */
  const goThrough = async (own: SupabaseClient, who: string, { redirectTo, provider = "acme", inBrowser = browser() }: { redirectTo?: string; provider?: string; inBrowser?: Browser } = {}) => {
    const { data, error } = await own.auth.signInWithOAuth({ provider: provider as "google", options: { skipBrowserRedirect: true, queryParams: { login_hint: who }, ...(redirectTo ? { redirectTo } : {}) } });
    expect(error).toBeNull();
    return inBrowser.open(data.url!);
  };
  const signIn = async (who: string, own = client()) => {
    const { location } = await goThrough(own, who);
    const { data, error } = await own.auth.exchangeCodeForSession(location.searchParams.get("code") ?? `none: ${location.href}`);
    expect(error, location.href).toBeNull();
    return { own, session: data.session!, user: data.user! };
  };

  describe("PKCE", () => {
    test("a code, and for it a session with the provider's tokens", async () => {
      const own = client();
      const { location } = await goThrough(own, "anna");
      expect(location.origin + location.pathname).toBe(`${SITE}/`);
      expect([...location.searchParams.keys()]).toEqual(["code"]);
      expect(location.hash).toBe("");
      const { data } = await own.auth.exchangeCodeForSession(location.searchParams.get("code")!);
      expect(data.session).toMatchObject({ token_type: "bearer", provider_token: expect.any(String), provider_refresh_token: expect.any(String) });
      expect(data.user).toMatchObject({
        email: "anna@example.com", app_metadata: { provider: "acme", providers: ["acme"] }, email_confirmed_at: expect.any(String), is_anonymous: false,
        user_metadata: { name: "User anna", full_name: "User anna", email: "anna@example.com", email_verified: true, sub: "anna", provider_id: "anna" },
      });
      expect(data.user!.identities).toEqual([expect.objectContaining({ provider: "acme", id: "anna", email: "anna@example.com", identity_data: expect.objectContaining({ iss: oidc.issuer, sub: "anna" }) })]);
    });

    test("the same user the next time", async () => {
      const [first, second] = [await signIn("bea"), await signIn("bea")];
      expect(second.user.id).toBe(first.user.id);
      expect(second.session.refresh_token).not.toBe(first.session.refresh_token);
    });
  });

  test("implicit: the session in the fragment", async () => {
    const own = client("implicit");
    const { location } = await goThrough(own, "carl", { redirectTo: "https://a.preview.example.org/welcome?from=here" });
    expect(location.origin + location.pathname + location.search).toBe("https://a.preview.example.org/welcome?from=here");
    const session = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
    expect(session).toMatchObject({ token_type: "bearer", expires_in: "3600", provider_token: expect.any(String), provider_refresh_token: expect.any(String), sb: "" });
    const { data } = await own.auth.setSession({ access_token: session["access_token"]!, refresh_token: session["refresh_token"]! });
    expect(data.user?.email).toBe("carl@example.com");
  });
});
