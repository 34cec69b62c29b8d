import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from "jose";

/** Describes itself and its keys as an issuer of id_tokens does, on the machine itself. */
export interface TokenIssuer {
  readonly issuer: string;
  /** Its public key as PEM: what a token could be signed with as if it were a secret. */
  readonly publicKey: string;
  /** How often its keys were asked for. */
  readonly asked: () => number;
  /** A token as it would give one, with these claims. */
  sign(claims: JWTPayload, options?: { readonly lifetime?: number }): Promise<string>;
  /** The same with a key that is not its own. */
  forge(claims: JWTPayload): Promise<string>;
  close(): Promise<void>;
}

export async function startTokenIssuer(): Promise<TokenIssuer> {
  const [{ privateKey, publicKey }, stranger] = await Promise.all([generateKeyPair("ES256", { extractable: true }), generateKeyPair("ES256")]);
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "one", alg: "ES256", use: "sig" }] });
  let asked = 0;
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    if (request.url === "/jwks") {
      asked += 1;
      response.end(jwks);
    } else response.end(JSON.stringify({ issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks`, response_types_supported: ["code"], subject_types_supported: ["public"], id_token_signing_alg_values_supported: ["ES256"] }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const signWith = (key: typeof privateKey, claims: JWTPayload, lifetime = 300) => {
    const at = Math.floor(Date.now() / 1_000);
    return new SignJWT({ iss: issuer, iat: Math.min(at, at + lifetime - 1), exp: at + lifetime, ...claims }).setProtectedHeader({ alg: "ES256", kid: "one" }).sign(key);
  };
  return {
    issuer,
    publicKey: await exportSPKI(publicKey),
    asked: () => asked,
    sign: (claims, { lifetime } = {}) => signWith(privateKey, claims, lifetime),
    forge: (claims) => signWith(stranger.privateKey, claims),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
