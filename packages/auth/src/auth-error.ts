import { BackendError, type BackendErrorOptions, type ErrorDefinition } from "@plinth/core";

export interface AuthErrorOptions extends BackendErrorOptions {
  /** Why a password is refused: `weak_password.reasons`. */
  readonly weakPasswordReasons?: readonly WeakPasswordReason[];
}

/** "length" is too short, "characters" lacks a class of them, "pwned" is known from a breach. */
export type WeakPasswordReason = "length" | "characters" | "pwned";

/** What a GoTrue error has besides. */
export class AuthError extends BackendError {
  readonly weakPasswordReasons: readonly WeakPasswordReason[] | undefined;

  constructor(definition: ErrorDefinition, { weakPasswordReasons, ...options }: AuthErrorOptions = {}) {
    super(definition, options);
    this.weakPasswordReasons = weakPasswordReasons;
  }
}

/** An error of RFC 6749, 5.2, whose body is `{error, error_description}`. */
export class OAuthError extends BackendError {
  readonly error: string;

  constructor(error: string, description: string, options: BackendErrorOptions = {}) {
    super({ code: error, status: 400, message: description }, options);
    this.error = error;
  }
}
