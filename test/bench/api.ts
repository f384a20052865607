/** Does the JSON API under load touch the media? Flows carry numbered streams meanwhile, and each message is counted at its end. */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type FlowView, type House, startHouse } from '../kit/house.ts';
import { freePorts } from '../kit/free-ports.ts';
import { type Program, run } from '../kit/program.ts';
import { until } from '../kit/until.ts';
import { callAll, kinds, type Timed } from './api-calls.ts';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '30' },
    flows: { type: 'string', default: '20' },
    mbps: { type: 'string', default: '2' },
  },
});
const [rate, seconds, count, bitrate] = [
  Number(values.rate),
  Number(values.seconds),
  Number(values.flows),
  Number(values.mbps) * 1e6,
];
/** The streams run before the first call and beyond the last. */
const AROUND_S = 4;
/** For flows that come and go meanwhile. */
const SPARE_PORTS = 40;

const sentSchema = z.object({ sent: z.number(), refused: z.number() });
const receivedSchema = z.object({ received: z.number(), missing: z.number() });

const ports = await freePorts(count * 3 + SPARE_PORTS);
const [ends, range] = [ports.slice(0, count), ports.slice(count)];
async function measure({ url, ...kit }: House): Promise<void> {
  const receiver = await bench('receiver', ends.join());
  await until('the receivers listen', () => receiver.words().includes('listening'));
  const flows = await Promise.all(ends.map((port, index) => startFlow(kit, port, index)));
  await until(
    'every output has reached its receiver',
    async () =>
      (await conditions(kit, flows)).every((it) => it === 'no-input' || it === 'flowing' || it === 'unacknowledged'),
    60,
  );
  const inputs = flows.map(({ input }) => new URL(input.addresses.primary).port);
  const sender = await bench('sender', inputs.join(), String(bitrate), String(seconds + 2 * AROUND_S));
  await until('the senders are connected', () => sender.words().includes('connected'));
  await new Promise((resolve) => setTimeout(resolve, AROUND_S * 1000));
  const flowIds = flows.map(({ id }) => id);
  const timed = await callAll(
    { url, authorization: `Basic ${btoa('test-key-id:test-key-secret-0123')}`, flowIds },
    rate,
    seconds,
  );
  await sender.ended;
  // What is on its way arrives within the latency of both legs.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await receiver.end();
  tell(timed);
  const { sent, refused } = lastOf(sender, sentSchema);
  const { received, missing } = lastOf(receiver, receivedSchema);
  console.log(
    `\n${count} flows of ${bitrate / 1e6} Mbit/s: ${sent * count} messages sent (${refused} refused by the sender's own queue), ` +
      `${received} received, ${missing} missing within the streams, ${sent * count - refused - received} not arrived at all`,
  );
}

async function startFlow(kit: Omit<House, 'url'>, port: number, index: number): Promise<FlowView> {
  const input = { name: 'Camera', protocol: 'srt' };
  const { id } = await kit.created('/flows', {
    name: `Flow ${index}`,
    regionId: 'europe',
    maxBitrate: 10_000_000,
    input,
  });
  const destinations = { primary: { host: '127.0.0.1', port } };
  await kit.created(`/flows/${id}/outputs`, { name: 'Out', protocol: 'srt', regionId: 'europe', destinations });
  const { status, body } = await kit.api('POST', `/flows/${id}/start`);
  if (status !== 200) throw new Error(`start: ${status} ${JSON.stringify(body)}`);
  return kit.flow(id);
}

const conditions = (kit: Omit<House, 'url'>, flows: readonly FlowView[]): Promise<(string | undefined)[]> =>
  Promise.all(flows.map(async ({ id }) => (await kit.flow(id)).outputs[0]?.status.primary.condition));

const bench = (name: string, ...args: string[]): Promise<Program> =>
  run(process.execPath, [`dist/test/bench/${name}.js`, ...args]);

const lastOf = <S extends z.ZodType>(program: Program, schema: S): z.output<S> =>
  schema.parse(JSON.parse(program.words().trim().split('\n').at(-1) ?? '{}'));

function tell({ times, failures }: Timed): void {
  console.log(`${rate} calls a second for ${seconds} s, timed from when each was due\n`);
  console.log('| call | calls | p50 ms | p99 ms | worst ms |\n|---|---:|---:|---:|---:|');
  const row = (name: string, list: readonly number[]): void => {
    const sorted = list.toSorted((a, b) => a - b);
    const at = (share: number): string =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]?.toFixed(1) ?? '-';
    console.log(`| ${name} | ${sorted.length} | ${at(0.5)} | ${at(0.99)} | ${at(1)} |`);
  };
  for (const { name } of kinds) row(name, times.get(name) ?? []);
  row('all', [...times.values()].flat());
  console.log(`\n${failures.length} failed${failures.length > 0 ? `, such as ${failures[0]}` : ''}`);
}

const house = await startHouse({ STREAMLINK_PORT_RANGE: `${range[0]}-${range.at(-1)}` });
try {
  await measure(house);
} finally {
  await house.stop();
}
