/** A public key credential as it is kept. */
export interface Credential {
  readonly id: Uint8Array<ArrayBuffer>;
  /** COSE (RFC 9052). */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** How often it was used, as the authenticator counts; 0 where it doesn't. */
  readonly signCount: number;
  /** Whether it may be copied to other devices (passkeys that are synchronised). */
  readonly backupEligible: boolean;
  readonly backedUp: boolean;
}

/** As it was made. */
export interface NewCredential extends Credential {
  /** Which make the authenticator is of; zeros where it doesn't say. */
  readonly aaguid: string;
  readonly attestationType: string;
  readonly transports: readonly Transport[];
  readonly userVerified: boolean;
}

export type Transport = "ble" | "cable" | "hybrid" | "internal" | "nfc" | "smart-card" | "usb";

/** What has changed by its being used. */
export interface UsedCredential {
  readonly signCount: number;
  readonly backedUp: boolean;
  readonly userVerified: boolean;
}
