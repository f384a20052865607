/** The door. */
import { t } from './language.ts';
import { Notice } from './layout.tsx';

export interface LoginProps {
  /** Where to go afterwards: a path of this console. */
  readonly next: string;
  readonly message?: string;
}

export const LoginPage = ({ next, message }: LoginProps) => (
  <section class="login card">
    <h1>{t('Log in')}</h1>
    <form method="post" action="/login" class="stack">
      {message && <Notice tone="bad">{message}</Notice>}
      <input type="hidden" name="next" value={next} />
      <input type="text" name="username" value="admin" autocomplete="username" hidden />
      <label class="field" for="password">
        {t('Password')}
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
        {t('The server printed it when it was first started.')}
      </p>
      <button class="button primary" id="log-in" type="submit">
        {t('Log in')}
      </button>
    </form>
  </section>
);
