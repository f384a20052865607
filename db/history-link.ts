/**
 * The face's hold on one worker: calls it, replaces it when it dies or hangs, and gives its calls to the next one once.
 */
import { Worker } from 'node:worker_threads';
import { HistoryError, type HistoryFault } from './history-model.ts';
import type { Answer } from './history-wire.ts';

/** A worker that did not live this long is replaced only after a pause. */
const SHORT_LIFE_MS = 5000;
const PAUSE_MS = 1000;

/** More calls than this are not let in: something is wrong with the worker. At 2,000 channels there are some 50 a second. */
const MOST_WAITING = 10_000;

/** It is looked for so often before it counts as hung. */
const LOOKS = 30;

interface LinkSettings {
  readonly worker: 'writer' | 'reader';
  readonly program: URL;
  readonly args: readonly string[];
  readonly tell: (fault: HistoryFault) => void;
  /** The worker's file is another one now. */
  readonly replaced: () => void;
  /** Calls that are waiting, and nothing heard for so many ms: the worker hangs. */
  readonly hangMs: number;
}

interface Waiting {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly resolve: (value: never) => void;
  readonly reject: (error: HistoryError) => void;
  /** To how many workers it was given. */
  tries: number;
}

type Signatures<Calls> = { readonly [Name in keyof Calls]: (...args: never[]) => Promise<unknown> };

/** What every worker answers in turn with its other work, so that a long call is told from a worker that hangs. */
interface Pinged {
  ping(): Promise<void>;
}

export class WorkerLink<Calls extends Signatures<Calls> & Pinged> {
  readonly #settings: LinkSettings;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #nextId = 1;
  #isClosed = false;
  #pause: NodeJS.Timeout | undefined;
  readonly #watching: NodeJS.Timeout;
  /** Looks since it was last heard of. Not a time: a machine that slept has not been waiting. */
  #silentLooks = 0;
  #isEnding = false;

  constructor(settings: LinkSettings) {
    this.#settings = settings;
    this.#start();
    this.#watching = setInterval(() => this.#watch(), settings.hangMs / LOOKS);
  }

  /** Rejects with a HistoryError. Arguments must not be changed until it is settled: the call may be made again. */
  call<Name extends keyof Calls & string>(
    name: Name,
    ...args: Parameters<Calls[Name]>
  ): Promise<Awaited<ReturnType<Calls[Name]>>> {
    if (this.#isClosed) return Promise.reject(new HistoryError('unavailable', 'The history is closed.'));
    if (this.#waiting.size >= MOST_WAITING)
      return Promise.reject(new HistoryError('overloaded', 'Too many calls of the history are waiting.'));
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#waiting.set(id, { name, args, resolve, reject, tries: 0 });
      this.#give(id);
    });
  }

  /** Ends the worker; calls that are still waiting are rejected. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#pause);
    clearInterval(this.#watching);
    await this.#worker?.terminate();
    this.#rejectAll('The history was closed.');
  }

  #rejectAll(message: string): void {
    for (const { reject } of this.#waiting.values()) reject(new HistoryError('unavailable', message));
    this.#waiting.clear();
  }

  #start(): void {
    const { program, args } = this.#settings;
    const startedAt = performance.now();
    const worker = new Worker(program, { argv: [...args] });
    let reason = 'It ended by itself.';
    worker.on('message', (answer: Answer) => this.#hear(answer));
    worker.on('error', (error) => {
      reason = String(error);
    });
    worker.once('exit', () => this.#died(reason, performance.now() - startedAt));
    this.#worker = worker;
    this.#silentLooks = 0;
    this.#isEnding = false;
    for (const id of this.#waiting.keys()) this.#give(id);
  }

  /** A call may rightly take long; a ping among the others may not. */
  #watch(): void {
    if (this.#waiting.size === 0) this.#silentLooks = 0;
    else if (++this.#silentLooks === 1) this.#ping();
    else if (this.#silentLooks % LOOKS === 0) this.#hung();
  }

  #ping(): void {
    const id = this.#nextId++;
    this.#waiting.set(id, { name: 'ping', args: [], resolve: () => undefined, reject: () => undefined, tries: 0 });
    this.#give(id);
  }

  /** One that is stuck in the disk ends only when the disk lets it go, and no other may write before: nobody waits so long. */
  #hung(): void {
    if (this.#isEnding) {
      this.#rejectAll('The history hangs: its disk does not answer.');
      return;
    }
    this.#isEnding = true;
    this.#tellDeath(`It hung: no answer for ${this.#settings.hangMs} ms.`);
    void this.#worker?.terminate();
  }

  #tellDeath(detail: string): void {
    const { tell, worker } = this.#settings;
    tell({ code: 'worker-died', worker, detail });
  }

  #give(id: number): void {
    const call = this.#waiting.get(id);
    if (!call || !this.#worker) return;
    call.tries++;
    this.#worker.postMessage({ id, name: call.name, args: call.args }, []);
  }

  #hear(answer: Answer): void {
    this.#silentLooks = 0;
    if (answer.kind === 'fault') return this.#settings.tell(answer.fault);
    if (answer.kind === 'replaced') return this.#settings.replaced();
    const call = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.kind === 'value') call?.resolve(answer.value);
    else call?.reject(new HistoryError(answer.code, answer.message));
  }

  #died(reason: string, livedMs: number): void {
    this.#worker = undefined;
    if (this.#isClosed) return;
    if (!this.#isEnding) this.#tellDeath(reason);
    for (const [id, { tries, reject }] of this.#waiting) {
      if (tries < 2) continue;
      this.#waiting.delete(id);
      reject(new HistoryError('unavailable', `Two workers of the history died over this call. ${reason}`));
    }
    this.#pause = setTimeout(() => this.#start(), livedMs < SHORT_LIFE_MS ? PAUSE_MS : 0);
  }
}
