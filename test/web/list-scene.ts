/** A list of so many flows in every state that a list may show: for looking at it, weighing it, and moving it. */
import type { EndpointStatus } from '../../relay/contract/messages.ts';
import type { HealthDesk } from '../../server/health.ts';
import { type ConsoleHouse, endpoint, flowDraft, outputDraft } from '../kit/console-house.ts';
import { emptyHealth } from '../kit/empty-health.ts';

const events = [
  'Evening news',
  'Sunday mass',
  'Parliament',
  'Cup final',
  'City marathon',
  'Morning show',
  'Opera gala',
];
const places = ['main feed', 'camera 2', 'OB van 3', 'clean feed', 'international sound'];
const studios = ['Studio', 'Agency', 'Playout', 'Archive'];
const regionIds = ['east-china', 'asia', 'hmt', 'west-us', 'europe'];

const pick = <T>(from: readonly T[], index: number): T => {
  const found = from[index % from.length];
  if (found === undefined) throw new Error('There is nothing to pick from.');
  return found;
};

/** Five minutes of a flow whose bit rate is not still, with a drop in some. */
export const listHealth: HealthDesk = {
  ...emptyHealth,
  inputRates: (flowId) => {
    const seed = Number.parseInt(flowId.slice(-6), 16);
    return Array.from({ length: 60 }, (_, at) => {
      if (seed % 7 === 0 && at < 20) return undefined;
      if (seed % 5 === 0 && at > 30 && at < 36) return 0;
      return 8e6 * (1 + Math.sin(at / (4 + (seed % 9)) + seed) / 12);
    });
  },
};

/** Most run well; some wait, fail, are lost or idle. Returns their ids in the order of their making. */
export async function setManyFlows(house: ConsoleHouse, count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) ids.push(await setOne(house, n));
  return ids;
}

async function setOne(house: ConsoleHouse, n: number): Promise<string> {
  const { flows } = house;
  const name = `${pick(events, n)} ${Math.floor(n / events.length) + 1}, ${pick(places, n * 3)}`;
  const draft = flowDraft(name);
  const input = { ...draft.input, name: `Encoder ${n + 1}` };
  const { id } = await flows.create({ ...draft, input, regionId: pick(regionIds, n) });
  for (let at = 0; at < 1 + (n % 3); at++) {
    const made = outputDraft(pick(studios, n + at), 7000 + n * 4 + at * 2);
    const backup = { host: '203.0.113.8', port: 7001 + n * 4 + at * 2 };
    await flows.addOutput(id, at === 0 ? { ...made, destinations: { ...made.destinations, backup } } : made);
  }
  if (n % 6 === 5) return id;
  await flows.start(id);
  const kind = n % 23 === 1 ? 'failing' : n % 17 === 2 ? 'waiting' : n % 29 === 3 ? 'lost' : 'well';
  const { outputs } = await flows.get(id);
  const bitrate = 6_000_000 + (n % 40) * 300_000;
  house.report(id, {
    relayLost: kind === 'lost',
    endpoints:
      kind === 'lost'
        ? []
        : (['primary', 'backup'] as const).flatMap((pipeline): EndpointStatus[] => [
            kind === 'waiting' && pipeline === 'backup'
              ? endpoint(id, { pipeline, state: 'waiting', condition: 'listening', bitrate: 0 })
              : endpoint(id, { pipeline, bitrate, peer: { address: `198.51.100.${n % 250}`, port: 40_000 } }),
            ...outputs
              .filter((output) => output.destinations[pipeline])
              .map((output) =>
                endpoint(id, {
                  pipeline,
                  role: 'sink',
                  id: output.id,
                  bitrate,
                  ...(kind === 'failing' && pipeline === 'primary' && { state: 'waiting', condition: 'backing-off' }),
                  ...(kind === 'waiting' && pipeline === 'backup' && { state: 'waiting', condition: 'no-input' }),
                }),
              ),
          ]),
  });
  return id;
}
