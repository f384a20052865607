/** `npm run demo`: a flow with a small built-in clip going through it, so that a newcomer sees a live one at once. */
import { spawn } from 'node:child_process';
import type { Flow } from '../db/model.ts';
import type { Flows } from './flows.ts';

const NAME = 'Demo';

export interface DemoDeps {
  readonly flows: Flows;
  /** Free ports that no flow will ever be given. */
  readonly receiverPorts: (count: number) => Promise<number[]>;
  /** The program that pushes the clip and takes it in again. */
  readonly program: string;
  readonly say: (what: string, detail: Record<string, unknown>) => void;
}

export interface Demo {
  /** Ends both ends and stops the flow, which without them would call in vain for ever. */
  close(): Promise<void>;
}

/** Makes the flow where it is not there yet, starts it, and keeps the demo's two ends running until `close`. */
export async function startDemo({ flows, receiverPorts, program, say }: DemoDeps): Promise<Demo> {
  const kept = (await flows.list()).find(({ name }) => name === NAME);
  const { id } = kept ?? (await makeFlow(flows, receiverPorts));
  const flow = await flows.start(id);
  // The demo reads its standard input and ends with it, so that it never outlives the server.
  const child = spawn(process.execPath, ['--enable-source-maps', program, JSON.stringify(endsOf(flow))], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.once('exit', (code) => say('the demo ended', { code }));
  say('the demo flow runs', { flowId: id });
  return {
    close: async () => {
      child.kill();
      await flows.stop(id);
    },
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
