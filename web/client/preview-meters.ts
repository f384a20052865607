/** Sound levels of a playing video: the peak of each channel in dBFS, and whether the sound is heard. */

const FLOOR_DB = -60;
const SHOW_MS = 100;
/** A peak falls back by so many dB each time that it is shown: 20 dB a second. */
const FALL_DB = 2;

/** A video element can be tapped once in its life, by one context: both are kept for the next preview. */
interface Tap {
  readonly context: AudioContext;
  readonly source: MediaElementAudioSourceNode;
}
const taps = new WeakMap<HTMLVideoElement, Tap>();

function tapOf(video: HTMLVideoElement): Tap {
  const known = taps.get(video);
  if (known) return known;
  const context = new AudioContext();
  const tap = { context, source: context.createMediaElementSource(video) };
  taps.set(video, tap);
  return tap;
}

export class Meters {
  readonly #place: HTMLElement;
  readonly #tap: Tap;
  readonly #volume: GainNode;
  readonly #timer: ReturnType<typeof setInterval>;

  /** Shown at once, silent until `toggle`. */
  constructor(video: HTMLVideoElement, place: HTMLElement) {
    this.#place = place;
    this.#tap = tapOf(video);
    const { context, source } = this.#tap;
    const splitter = context.createChannelSplitter(2);
    this.#volume = context.createGain();
    this.#volume.gain.value = 0;
    source.connect(splitter);
    source.connect(this.#volume).connect(context.destination);
    const bars = [...place.querySelectorAll<HTMLElement>('.meter')].map((bar, channel) => {
      const analyser = context.createAnalyser();
      splitter.connect(analyser, channel);
      return new Bar(bar, analyser);
    });
    place.hidden = false;
    void context.resume();
    this.#timer = setInterval(() => {
      for (const bar of bars) bar.show();
    }, SHOW_MS);
  }

  /** Returns whether the sound is heard now. */
  toggle(): boolean {
    void this.#tap.context.resume();
    this.#volume.gain.value = this.#volume.gain.value > 0 ? 0 : 1;
    return this.#volume.gain.value > 0;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#place.hidden = true;
    this.#tap.source.disconnect();
    void this.#tap.context.suspend();
  }
}

class Bar {
  readonly #bar: HTMLMeterElement | null;
  readonly #value: HTMLElement | null;
  readonly #analyser: AnalyserNode;
  readonly #samples: Float32Array<ArrayBuffer>;
  #level = FLOOR_DB;

  constructor(element: HTMLElement, analyser: AnalyserNode) {
    this.#bar = element.querySelector('meter');
    this.#value = element.querySelector('.meter-value');
    this.#analyser = analyser;
    this.#samples = new Float32Array(analyser.fftSize);
  }

  show(): void {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const peak = this.#samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    const now = peak > 0 ? Math.max(FLOOR_DB, 20 * Math.log10(peak)) : FLOOR_DB;
    this.#level = Math.max(now, this.#level - FALL_DB, FLOOR_DB);
    const rounded = Math.round(this.#level);
    if (this.#bar) this.#bar.value = rounded;
    if (this.#value) this.#value.textContent = rounded <= FLOOR_DB ? '−∞ dB' : `${rounded} dB`;
  }
}
