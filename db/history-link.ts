/** The face's hold on one worker: calls it, replaces it when it dies, and gives a dead worker's calls to the next one once. */
import { Worker } from 'node:worker_threads';
import { HistoryError, type HistoryFault } from './history-model.ts';
import type { Answer } from './history-wire.ts';

/** A worker that did not live this long is replaced only after a pause. */
const SHORT_LIFE_MS = 5000;
const PAUSE_MS = 1000;

/** More calls than this are not let in: something is wrong with the worker. At 2,000 channels there are some 50 a second. */
const MOST_WAITING = 10_000;

interface LinkSettings {
  readonly program: URL;
  readonly args: readonly string[];
  readonly tell: (fault: HistoryFault) => void;
  /** The worker's file is another one now. */
  readonly replaced: () => void;
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

export class WorkerLink<Calls extends Signatures<Calls>> {
  readonly #settings: LinkSettings;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #nextId = 1;
  #isClosed = false;
  #pause: NodeJS.Timeout | undefined;

  constructor(settings: LinkSettings) {
    this.#settings = settings;
    this.#start();
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
    await this.#worker?.terminate();
    for (const { reject } of this.#waiting.values()) reject(new HistoryError('unavailable', 'The history was closed.'));
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
    for (const id of this.#waiting.keys()) this.#give(id);
  }

  #give(id: number): void {
    const call = this.#waiting.get(id);
    if (!call || !this.#worker) return;
    call.tries++;
    this.#worker.postMessage({ id, name: call.name, args: call.args }, []);
  }

  #hear(answer: Answer): void {
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
    this.#settings.tell({ code: 'worker-died', detail: reason });
    for (const [id, { tries, reject }] of this.#waiting) {
      if (tries < 2) continue;
      this.#waiting.delete(id);
      reject(new HistoryError('unavailable', `Two workers of the history died over this call. ${reason}`));
    }
    this.#pause = setTimeout(() => this.#start(), livedMs < SHORT_LIFE_MS ? PAUSE_MS : 0);
  }
}
