/** `npm run demo`: a flow with a small built-in clip going through it, so that a newcomer sees a live one at once. */
import { spawn } from 'node:child_process';
import type { Flow } from '../db/model.ts';
import type { Flows } from './flows.ts';

const NAME = 'Demo';
const AGAIN_MS = 1000;

export interface DemoDeps {
  readonly flows: Flows;
  /** Free ports that no flow will ever be given. */
  readonly receiverPorts: (count: number) => Promise<number[]>;
  /** The id of the flow that an earlier demo made, kept: a flow of an operator may have the same name. */
  readonly made: string | undefined;
  readonly remember: (flowId: string) => Promise<void>;
  /** The program that pushes the clip and takes it in again. */
  readonly program: string;
  readonly say: (what: string, detail: Record<string, unknown>) => void;
}

export interface Demo {
  /** Ends both ends and stops the flow, which without them would call in vain for ever. */
  close(): Promise<void>;
}

/** Makes the flow where it is not there yet, starts it, and keeps the demo's two ends running until `close`. */
export async function startDemo(deps: DemoDeps): Promise<Demo> {
  const { flows, program, say } = deps;
  const kept = (await flows.list()).find(({ id, outputs }) => id === deps.made && outputs.length > 0);
  const { id } = kept ?? (await makeFlow(flows, deps.receiverPorts));
  await deps.remember(id);
  const flow = await flows.start(id);
  const stopEnds = keepEnds(program, endsOf(flow), say);
  say('the demo flow runs', { flowId: id });
  return {
    close: async () => {
      stopEnds();
      await flows.stop(id);
    },
  };
}

/** Runs the two ends, again and again when they end, until the returned function is called. */
function keepEnds(program: string, ends: ReturnType<typeof endsOf>, say: DemoDeps['say']): () => void {
  let isOver = false;
  // The demo reads its standard input and ends with it, so that it never outlives the server. It needs no environment.
  const start = () =>
    spawn(process.execPath, ['--enable-source-maps', program, JSON.stringify(ends)], {
      stdio: ['pipe', 'ignore', 'inherit'],
      env: {},
    }).once('exit', (code, signal) => {
      if (isOver) return;
      say('the demo ended, starting it again', { code, signal });
      again = setTimeout(() => {
        child = start();
      }, AGAIN_MS);
    });
  let again: NodeJS.Timeout | undefined;
  let child = start();
  return () => {
    isOver = true;
    clearTimeout(again);
    child.kill();
  };
}

async function makeFlow(flows: Flows, receiverPorts: DemoDeps['receiverPorts']): Promise<Flow> {
  const [region] = flows.regions();
  const [maxBitrate] = flows.bandwidths();
  const [primary, backup] = await receiverPorts(2);
  if (!region || !maxBitrate || !primary || !backup)
    throw new Error('The demo needs a region, a bandwidth and two ports.');
  const link = { protocol: 'srt', latencyMs: 120 } as const;
  const input = {
    ...link,
    name: 'Demo encoder',
    description: 'A built-in test picture with a tone.',
    allowlist: ['127.0.0.1/32'],
  };
  const flow = await flows.create({ name: NAME, regionId: region.id, maxBitrate, input });
  const destinations = { primary: { host: '127.0.0.1', port: primary }, backup: { host: '127.0.0.1', port: backup } };
  await flows.addOutput(flow.id, {
    ...link,
    name: 'Demo receiver',
    description: 'Counts what arrives.',
    regionId: region.id,
    destinations,
  });
  return flow;
}

/** The ports that the demo pushes to and those on which it receives. */
function endsOf({ input, outputs }: Flow): { push: number[]; receive: number[] } {
  const receive = outputs.flatMap(({ destinations: { primary, backup } }) =>
    [primary, backup].flatMap((end) => (end && 'port' in end ? end.port : [])),
  );
  return { push: [input.ports.primary, input.ports.backup], receive };
}
