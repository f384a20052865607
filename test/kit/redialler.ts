/** An encoder in the field: ffmpeg that pushes a clip over and over, and that somebody starts again whenever it ends. */
import type { PushTarget } from './encoders.ts';
import { pushWith } from './encoders.ts';
import { receive, sizeOf } from './peers.ts';
import type { Program } from './program.ts';

export interface Redialler {
  end(): Promise<void>;
}

const PAUSE_MS = 100;

/** `clip` is a TS file, which RTMP gets as FLV. */
export function pushForEver(clip: string, target: PushTarget): Redialler {
  let present: Program | undefined;
  const over = new AbortController();
  const loop = async (): Promise<void> => {
    while (!over.signal.aborted) {
      present = await pushWith(clip, target, { input: ['-stream_loop', '-1'] });
      if (over.signal.aborted) await present.end('SIGKILL');
      await present.ended;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };
  const ended = loop();
  return {
    end: async () => {
      over.abort();
      await present?.end('SIGKILL');
      await ended;
    },
  };
}

export interface Receiver extends Redialler {
  /** All that has been received, by whichever program. */
  bytes(): number;
}

/** srt-live-transmit, which takes one caller and ends with it, and is then started again, as a service would be. */
export function receiveForEver(port: number, file: string): Receiver {
  let rounds = 0;
  const over = new AbortController();
  let endPresent = async (): Promise<void> => {};
  const loop = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const program = await receive(port, `${file}-${rounds++}`);
      endPresent = () => program.end('SIGKILL');
      if (over.signal.aborted) await endPresent();
      await program.ended;
    }
  };
  const ended = loop();
  return {
    end: async () => {
      over.abort();
      await endPresent();
      await ended;
    },
    bytes: () => Array.from({ length: rounds }, (_, round) => sizeOf(`${file}-${round}`)).reduce((a, b) => a + b, 0),
  };
}
