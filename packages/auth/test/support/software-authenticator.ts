import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { encodeCbor } from "./encode-cbor.ts";

/** What a test may make an authenticator or the browser before it do otherwise. */
export interface Ceremony {
  /** Of the page that asks. */
  readonly origin?: string;
  /** Of the domain that it signs for. */
  readonly rpId?: string;
  /** Instead of the one that was asked for. */
  readonly challenge?: string;
  /** Whether somebody's finger or PIN was recognised. */
  readonly userVerified?: boolean;
  readonly userPresent?: boolean;
  readonly userHandle?: string;
  readonly type?: string;
}

/** What was asked for, as JSON or as a client has made it ready for the browser. */
export interface CeremonyOptions {
  readonly challenge: unknown;
  readonly rp?: { readonly id?: string | undefined } | undefined;
  readonly rpId?: string | undefined;
  readonly user?: { readonly id: unknown } | undefined;
}

export interface AuthenticatorSettings {
  readonly origin: string;
  /** Whether it counts. Those that synchronise passkeys don't. */
  readonly counts?: boolean;
  readonly synchronises?: boolean;
  readonly aaguid?: string;
}

const FLAGS = { userPresent: 0x01, userVerified: 0x04, backupEligible: 0x08, backedUp: 0x10, attested: 0x40 };

/**
 * An authenticator in software, with the browser before it: one credential with a P-256 key, attestation "none"
 * (WebAuthn Level 3, 6). It gives what `PublicKeyCredential.toJSON()` does.
 */
export class SoftwareAuthenticator {
  readonly credentialId = randomBytes(32);
  counter = 0;
  synchronises: boolean;
  #key: KeyObject = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  #userHandle = "";
  readonly #settings: AuthenticatorSettings;

  constructor(settings: AuthenticatorSettings) {
    this.#settings = settings;
    this.synchronises = settings.synchronises ?? false;
  }

  /** `navigator.credentials.create()` */
  create(options: CeremonyOptions, ceremony: Ceremony = {}) {
    this.#userHandle = text(options.user?.id);
    const { aaguid = "00000000-0000-0000-0000-000000000000" } = this.#settings;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.credentialId.length);
    const attested = Buffer.concat([Buffer.from(aaguid.replaceAll("-", ""), "hex"), length, this.credentialId, this.#publicKey()]);
    const authData = Buffer.concat([this.#authenticatorData(options.rp?.id, ceremony, FLAGS.attested), attested]);
    const attestationObject = encodeCbor(new Map<string, unknown>([["fmt", "none"], ["attStmt", new Map()], ["authData", authData]]));
    return this.#credential({
      clientDataJSON: this.#clientData("webauthn.create", options, ceremony).toString("base64url"),
      attestationObject: attestationObject.toString("base64url"),
      transports: ["internal", "hybrid"] as Array<"internal" | "hybrid">,
    });
  }

  /** `navigator.credentials.get()` */
  get(options: CeremonyOptions, ceremony: Ceremony = {}) {
    const authenticatorData = this.#authenticatorData(options.rpId, ceremony, 0);
    const clientData = this.#clientData("webauthn.get", options, ceremony);
    const signature = sign("sha256", Buffer.concat([authenticatorData, sha256(clientData)]), this.#key);
    return this.#credential({
      clientDataJSON: clientData.toString("base64url"),
      authenticatorData: authenticatorData.toString("base64url"),
      signature: signature.toString("base64url"),
      userHandle: ceremony.userHandle ?? this.#userHandle,
    });
  }

  /** Another one with the same key, as it is now. */
  clone(): SoftwareAuthenticator {
    const copy = new SoftwareAuthenticator(this.#settings);
    Object.assign(copy, { credentialId: this.credentialId, counter: this.counter });
    copy.#key = createPrivateKey(this.#key.export({ type: "pkcs8", format: "pem" }));
    copy.#userHandle = this.#userHandle;
    return copy;
  }

  #credential<Response extends object>(response: Response) {
    const id = this.credentialId.toString("base64url");
    const json = { id, rawId: id, type: "public-key" as const, response, clientExtensionResults: {}, authenticatorAttachment: "platform" as const };
    return { ...json, toJSON: () => json };
  }

  #clientData(type: string, options: CeremonyOptions, ceremony: Ceremony): Buffer {
    return Buffer.from(JSON.stringify({ type: ceremony.type ?? type, challenge: ceremony.challenge ?? text(options.challenge), origin: ceremony.origin ?? this.#settings.origin, crossOrigin: false }));
  }

  #authenticatorData(rpId: string | undefined, { rpId: other, userPresent = true, userVerified = true }: Ceremony, more: number): Buffer {
    if (this.#settings.counts ?? true) this.counter++;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(this.counter);
    const backup = this.synchronises ? FLAGS.backupEligible | FLAGS.backedUp : 0;
    const flags = more | backup | (userPresent ? FLAGS.userPresent : 0) | (userVerified ? FLAGS.userVerified : 0);
    return Buffer.concat([sha256(Buffer.from(other ?? rpId ?? "")), Buffer.from([flags]), count]);
  }

  /** COSE_Key (RFC 9052, 7): EC2, ES256, P-256. */
  #publicKey(): Buffer {
    const { x, y } = this.#key.export({ format: "jwk" });
    return encodeCbor(new Map<number, unknown>([[1, 2], [3, -7], [-1, 1], [-2, Buffer.from(x!, "base64url")], [-3, Buffer.from(y!, "base64url")]]));
  }
}

const sha256 = (bytes: Buffer): Buffer => createHash("sha256").update(bytes).digest();

/** Clients turn base64url into bytes. */
const text = (value: unknown): string => (value instanceof ArrayBuffer ? Buffer.from(value).toString("base64url") : typeof value === "string" ? value : "");
