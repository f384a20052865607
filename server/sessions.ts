/** Who may use the console: one admin with a password, sessions kept hashed in the database. */

export type LoginResult =
  | { readonly ok: true; readonly token: string }
  | { readonly ok: false; readonly retryAfterSeconds?: number };

export interface Sessions {
  /** `address` is the caller's, for the limit on guesses. A wrong password and a locked caller take the same time. */
  login(password: string, address: string): Promise<LoginResult>;
  isOpen(token: string): Promise<boolean>;
  logout(token: string): Promise<void>;
}
