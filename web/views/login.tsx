/** The door. */
import { Notice } from './layout.tsx';

export interface LoginProps {
  /** Where to go afterwards: a path of this console. */
  readonly next: string;
  readonly message?: string;
}

export const LoginPage = ({ next, message }: LoginProps) => (
  <section class="login card">
    <h1>Log in</h1>
    <form method="post" action="/login" class="stack">
      {message && <Notice tone="bad">{message}</Notice>}
      <input type="hidden" name="next" value={next} />
      <input type="text" name="username" value="admin" autocomplete="username" hidden />
      <label class="field" for="password">
        Password
        <input
          id="password"
          name="password"
          type="password"
          autocomplete="current-password"
          required
          autofocus
          aria-describedby="password-hint"
        />
      </label>
      <p class="hint" id="password-hint">
        The server printed it when it was first started.
      </p>
      <button class="button primary" id="log-in" type="submit">
        Log in
      </button>
    </form>
  </section>
);
