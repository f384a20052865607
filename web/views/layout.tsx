/** The frame of every page, and the small marks that all pages share. */
import type { Child } from 'hono/jsx';
import { Icon } from './icon.tsx';
import { language, languages, t } from './language.ts';
import { AlarmCount } from './alarm-count.tsx';
import { utcText } from './units.ts';

export interface LayoutProps {
  readonly title: string;
  /** Where the page's live changes come from; none on pages that show no state. */
  readonly live?: string;
  readonly signedIn: boolean;
  /** How many alarms fire. */
  readonly alarms: number;
  /** Stands in the URLs of static files, so that an update is not hidden by a cache. */
  readonly version: string;
  /** A script that only this page needs. */
  readonly script?: string;
  readonly children?: Child;
}

/** Morphing leaves what the reader has unfolded; a lost socket is tried again at least every 5 s. */
const htmxConfig = JSON.stringify({ morphIgnore: ['data-htmx-powered', 'open'], ws: { reconnectMaxDelay: 5000 } });

export const Layout = ({ title, live, signedIn, alarms, version, script, children }: LayoutProps) => (
  <html lang={language()}>
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="htmx-config" content={htmxConfig} />
      <title>{`${title} · StreamLink`}</title>
      <link rel="icon" href={`/static/favicon.svg?v=${version}`} type="image/svg+xml" />
      <link rel="stylesheet" href={`/static/app.css?v=${version}`} />
    </head>
    <body>
      <a class="skip" href="#main">
        {t('Skip to content')}
      </a>
      <TopBar signedIn={signedIn} alarms={alarms} />
      {live && <div id="live" hx-ws:connect={live} hidden />}
      <div id="lost" class="lost" role="alert" hidden>
        <Icon name="alert" />
        <p>
          <strong id="lost-title">{t('Live updates are interrupted.')}</strong> <span id="lost-text" />
        </p>
        <button class="button small" id="lost-reload" type="button">
          {t('Reload')}
        </button>
      </div>
      <main id="main" tabindex={-1}>
        {children}
      </main>
      <Languages />
      <dialog id="dialog" aria-label={t('Please confirm')} />
      <output id="toast" class="toast" hidden />
      {/* Last, so that the page is seen before them. Not deferred: htmx 4.0.1 run after parsing starts at once, and misses an extension that arrives later. */}
      <script src={`/static/htmx.js?v=${version}`} />
      <script src={`/static/hx-ws.js?v=${version}`} />
      <script src={`/static/main.js?v=${version}`} type="module" />
      {script && <script src={`/static/${script}.js?v=${version}`} type="module" />}
    </body>
  </html>
);

const TopBar = ({ signedIn, alarms }: { signedIn: boolean; alarms: number }) => (
  <header class="top">
    <a class="brand" href="/">
      <Icon name="brand" />
      <span class="brand-name">StreamLink</span>
    </a>
    {signedIn && (
      <nav aria-label={t('Main')}>
        <a href="/">{t('Flows')}</a>
        <a href="/api">API</a>
        <a id="nav-alarms" href="/alarms">
          {t('Alarms')} <AlarmCount count={alarms} />
        </a>
        <a href="/settings">{t('Settings')}</a>
        <form method="post" action="/logout">
          <button id="log-out" type="submit" class="plain">
            {t('Log out')}
          </button>
        </form>
      </nav>
    )}
  </header>
);

/** The chooser works without a script: each language is a button, named in itself. */
const Languages = () => (
  <footer class="foot">
    <form method="post" action="/language" class="languages" aria-label={t('Language')}>
      {Object.entries(languages).map(([tag, name]) => (
        <button
          type="submit"
          name="language"
          value={tag}
          lang={tag}
          class="plain"
          aria-current={tag === language() && 'true'}
        >
          {name}
        </button>
      ))}
    </form>
  </footer>
);

/** A moment: UTC in the page, local time once the browser has seen it. */
export const Time = ({ at }: { at: number }) => (
  <time datetime={new Date(at).toISOString()} data-local>
    {utcText(at)}
  </time>
);

export type NoticeTone = 'info' | 'warn' | 'bad';

/** Words above what they are about. A refusal is announced; a standing fact is not. */
export const Notice = ({ tone, id, children }: { tone: NoticeTone; id?: string; children?: Child }) => (
  <div class={`notice ${tone}`} id={id} role={tone === 'bad' ? 'alert' : undefined}>
    <Icon name={tone === 'info' ? 'lock' : 'alert'} />
    <div>{children}</div>
  </div>
);

/** A text that is made to be taken elsewhere, with its button. `label` says to a screen reader what is copied. */
export const Copyable = ({ id, text, label }: { id: string; text: string; label: string }) => (
  <span class="copyable">
    <code id={id}>{text}</code>
    <CopyButton of={id} label={label} />
  </span>
);

/** Copies the text of the element with this id, in sight or not. */
export const CopyButton = ({ of, label }: { of: string; label: string }) => (
  <button type="button" id={`${of}-copy`} class="copy" data-copy={of} aria-label={t('Copy {what}', { what: label })}>
    <Icon name="copy" />
    <span data-copy-word>{t('Copy')}</span>
  </button>
);

export interface Crumb {
  readonly href: string;
  readonly name: string;
}

export const Crumbs = ({ trail }: { trail: readonly Crumb[] }) => (
  <nav class="crumbs" aria-label={t('Breadcrumb')}>
    <ol>
      {trail.map((crumb) => (
        <li>
          <a href={crumb.href}>{crumb.name}</a>
        </li>
      ))}
    </ol>
  </nav>
);

/** A page that says no: what was not found or not possible, and the way on. */
export const MessagePage = ({ title, message }: { title: string; message: string }) => (
  <section class="narrow card message">
    <h1>{title}</h1>
    <p>{message}</p>
    <a class="button" href="/">
      {t('All flows')}
    </a>
  </section>
);
