/** The player of previews: live pictures and sound levels of an input, until it is stopped or nobody looks. */
import Mpegts from 'mpegts.js';
import { Meters } from './preview-meters.ts';
import { WANTED } from './preview-button.ts';
import { faultText, formatText } from './preview-words.ts';
import { t } from './words.ts';

/** A page that nobody sees stops its previews after this. */
const UNSEEN_MS = 60_000;
/** Without a picture for this long, the viewer is told. */
const PATIENCE_MS = 8000;
/** How far behind the newest frame the picture may be, in seconds, before it is played a little faster, and where it goes then. */
const pace = { liveSync: true, liveSyncMaxLatency: 2, liveSyncTargetLatency: 1, liveSyncPlaybackRate: 1.1 };

const playing = new Map<HTMLElement, Playing>();

document.addEventListener(WANTED, ({ target }) => target instanceof HTMLElement && begin(target));
document.addEventListener('visibilitychange', watchUnseen);
window.addEventListener('pagehide', () => endAll());

function begin(box: HTMLElement): void {
  delete box.dataset['wanted'];
  const video = box.querySelector('video');
  if (!video || playing.has(box)) return;
  const one = new Playing(box, video, () => playing.delete(box));
  playing.set(box, one);
  void one.start();
}

function endAll(): void {
  for (const one of playing.values()) one.end('');
}

function watchUnseen(): void {
  if (!document.hidden) return;
  const timer = setTimeout(() => {
    for (const one of playing.values()) one.end(t('Stopped, because nobody looked for a minute.'));
  }, UNSEEN_MS);
  document.addEventListener('visibilitychange', () => clearTimeout(timer), { once: true });
}

/** One preview, from its button to its end. */
class Playing {
  readonly #box: HTMLElement;
  readonly #video: HTMLVideoElement;
  readonly #over: () => void;
  readonly #ended = new AbortController();
  #player: Mpegts.Player | undefined;
  #meters: Meters | undefined;
  #isSoundAlone = false;

  constructor(box: HTMLElement, video: HTMLVideoElement, over: () => void) {
    this.#box = box;
    this.#video = video;
    this.#over = over;
  }

  async start(): Promise<void> {
    this.#say(t('Asking the relay for pictures…'));
    if (!Mpegts.isSupported()) return this.end(t('This browser cannot play live media. Chrome, Edge and Firefox can.'));
    const { url, message } = await this.#ticket();
    if (this.#ended.signal.aborted) return;
    if (url === undefined) return this.end(message);
    this.#show(true);
    this.#wire();
    this.#play(url);
  }

  /** `words` stay on the page: why it ended. */
  end(words: string): void {
    if (this.#ended.signal.aborted) return;
    this.#show(false);
    this.#say(words);
    this.#ended.abort();
    // Before the player: it may throw where it is destroyed in the middle of its own work.
    this.#over();
    this.#meters?.close();
    this.#player?.destroy();
  }

  async #ticket(): Promise<{ url?: string; message: string }> {
    const { preview = '', pipeline = '' } = this.#box.dataset;
    try {
      const answer = await fetch(preview, { method: 'POST', body: new URLSearchParams({ pipeline }) });
      const body: unknown = await answer.json();
      return { message: textIn(body, 'message') ?? t('The server gave no preview.'), url: textIn(body, 'url') };
    } catch {
      return { message: t('The server does not answer. Press Preview to try again.') };
    }
  }

  #play(url: string): void {
    const player = Mpegts.createPlayer({ type: 'mpegts', isLive: true, url }, { ...pace, lazyLoad: false });
    this.#player = player;
    player.attachMediaElement(this.#video);
    player.on(Mpegts.Events.ERROR, (_type: unknown, detail: unknown, info: unknown) =>
      this.end(faultText(`${String(detail)} ${textIn(info, 'msg') ?? ''}`)),
    );
    player.on(Mpegts.Events.LOADING_COMPLETE, () => this.end(t('The preview has ended. Press Preview to look again.')));
    player.on(Mpegts.Events.MEDIA_INFO, () => this.#meet(player.mediaInfo));
    player.load();
    void Promise.resolve(player.play()).catch(() => this.#say(t('Press the picture to begin.')));
    const late = setTimeout(() => this.#tellNoPicture(), PATIENCE_MS);
    this.#ended.signal.addEventListener('abort', () => clearTimeout(late));
  }

  /** Sound that plays without a picture: the player has passed over a codec of video that it does not know. */
  #tellNoPicture(): void {
    if (this.#video.videoWidth > 0 || this.#isSoundAlone) return;
    const isHeard = this.#video.currentTime > 0;
    this.#say(isHeard ? faultText('codec') : t('No picture yet. The player waits for a key frame.'));
    if (isHeard) this.#listen();
  }

  #listen(): void {
    const place = this.#box.querySelector<HTMLElement>('[data-meters]');
    if (place) this.#meters ??= new Meters(this.#video, place);
  }

  /** What is in the feed is known. */
  #meet(info: Mpegts.MSEPlayerMediaInfo): void {
    this.#say(formatText(info));
    this.#isSoundAlone = info.hasVideo === false;
    if (info.hasAudio) this.#listen();
  }

  #wire(): void {
    const sound = this.#box.querySelector('[data-sound]');
    if (sound)
      this.#on(sound, 'click', () => {
        const isOn = this.#meters?.toggle() ?? false;
        sound.setAttribute('aria-pressed', String(isOn));
      });
    this.#on(this.#video, 'click', () => void this.#video.play());
    const full = this.#box.querySelector('[data-full]');
    if (full) this.#on(full, 'click', () => void this.#video.requestFullscreen());
    const stop = this.#box.querySelector('[data-stop]');
    if (stop) this.#on(stop, 'click', () => this.end(''));
  }

  #on(target: EventTarget, name: string, listener: () => void): void {
    target.addEventListener(name, listener, { signal: this.#ended.signal });
  }

  #show(isOn: boolean): void {
    const screen = this.#box.querySelector<HTMLElement>('[data-screen]');
    const button = this.#box.querySelector<HTMLElement>('[data-preview-open]');
    if (screen) screen.hidden = !isOn;
    if (!button) return;
    button.hidden = isOn;
    if (!isOn && document.activeElement === document.body) button.focus();
  }

  #say(text: string): void {
    if (this.#ended.signal.aborted) return;
    const status = this.#box.querySelector('.preview-status');
    if (status) status.textContent = text;
  }
}

function textIn(body: unknown, name: string): string | undefined {
  const value: unknown =
    typeof body === 'object' && body !== null ? Object.entries(body).find(([key]) => key === name)?.[1] : '';
  return typeof value === 'string' && value !== '' ? value : undefined;
}

// Last, when the class is there: what was asked for while this script was on its way.
for (const box of document.querySelectorAll<HTMLElement>('[data-preview][data-wanted]')) begin(box);
