import { cookiesOfNext } from "@plinth/auth";
import { createServerClient } from "@supabase/ssr";
import { cookies, headers } from "next/headers.js";
import type { Backend, User } from "plinth";

/** A client for a Server Component, Server Action or Route Handler of Next.js. */
export async function supabaseOf(backend: Backend, anonKey: string) {
  return createServerClient("http://backend", anonKey, { cookies: cookiesOfNext(await cookies()), global: { fetch: backend.fetch } });
}

/** Who asks for the page: one round trip to the database, and no client. */
export async function currentUser(backend: Backend): Promise<User | undefined> {
  const { auth } = await backend.tenant();
  return auth.getUser({ headers: await headers() });
}
