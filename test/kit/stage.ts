/** What a story needs around it: the house, a folder for streams, and programs that are all ended after each test. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { countContinuity } from './continuity.ts';
import { type FlowView, type House, startHouse } from './house.ts';
import { sizeOf } from './peers.ts';
import type { Program } from './program.ts';
import { until } from './until.ts';

export interface Stage {
  readonly house: House;
  file(name: string): string;
  /** The program is ended when the test is. */
  keep(program: Promise<Program>): Promise<Program>;
  /** Ends what the test started. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export async function openStage(env: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const house = await startHouse(env);
  const folder = mkdtempSync(join(tmpdir(), 'streamlink-story-'));
  let programs: Program[] = [];
  return {
    house,
    file: (name) => join(folder, name),
    keep: async (starting) => {
      const program = await starting;
      programs.push(program);
      return program;
    },
    clear: async () => {
      await Promise.all(programs.map((program) => program.end('SIGKILL')));
      programs = [];
    },
    close: async () => {
      await house.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const portOf = (address: string): number => Number(new URL(address).port);

/** Where to push, primary first. */
export const inputPorts = ({ input }: FlowView): [number, number] => [
  portOf(input.addresses.primary),
  portOf(input.addresses.backup),
];

/** The flow once every output's primary pipeline is Connected. */
export const untilFlowing = (house: House, flowId: string): Promise<FlowView> =>
  until('media at the primary outputs', async () => {
    const flow = await house.flow(flowId);
    return flow.outputs.every(({ status }) => status.primary.state === 'connected') && flow;
  });

/** Half a second of what ffmpeg pushes in tests may still be on its way when the encoder ends. */
const UNDER_WAY_BYTES = 150_000;

/** What came out is what went in, byte for byte, from the first one on, and its continuity counters say so too. */
export async function expectWhole(
  received: string,
  sent: string,
  underWayBytes = UNDER_WAY_BYTES,
): Promise<{ packets: number }> {
  const pushed = readFileSync(sent);
  await until(`${received} is complete`, () => sizeOf(received) > pushed.length - underWayBytes, 5);
  const got = readFileSync(received);
  const { packets, errors } = countContinuity(got);
  expect(errors).toBe(0);
  expect(got.equals(pushed.subarray(0, got.length))).toBe(true);
  return { packets };
}
