import { vi } from "vitest";
import type { SoftwareAuthenticator } from "../../../packages/auth/test/support/software-authenticator.ts";

/** What auth-js asks of one (WebAuthn Level 3, 5.1). */
class PublicKeyCredential {
  readonly #credential: { toJSON(): object };

  constructor(credential: { toJSON(): object }) {
    this.#credential = credential;
  }

  toJSON(): object {
    return this.#credential.toJSON();
  }
}

/**
 * Does something with what auth-js looks for in a browser that shows `page`, and has this authenticator at hand. Afterwards this is
 * Node again.
 */
export async function inBrowser<T>(page: string, authenticator: SoftwareAuthenticator | undefined, work: () => Promise<T>): Promise<T> {
  const credentials = {
    create: async ({ publicKey }: { publicKey: never }) => new PublicKeyCredential(authenticator!.create(publicKey)),
    get: async ({ publicKey }: { publicKey: never }) => new PublicKeyCredential(authenticator!.get(publicKey)),
  };
  const nothing = (): void => undefined;
  const globals = {
    window: { location: new URL(page), history: { replaceState: nothing, state: null }, PublicKeyCredential, addEventListener: nothing, removeEventListener: nothing },
    document: { visibilityState: "visible" },
    navigator: { userAgent: navigator.userAgent, credentials },
    PublicKeyCredential,
  };
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
  try {
    return await work();
  } finally {
    vi.unstubAllGlobals();
  }
}
