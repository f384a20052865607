import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Alarm } from '../../db/alarm-model.ts';
import { AlarmMachine } from '../../server/alarm-machine.ts';
import type { Reading } from '../../server/alarm-readings.ts';
import { ruleOf } from '../kit/alarm-scene.ts';

const rule = ruleOf('input-lost', { holdMs: 3000, clearMs: 5000 });
const reading = (verdict: Reading['verdict'], more: Partial<Reading> = {}): Reading => ({
  kind: 'input-lost',
  rule,
  flowId: 'flow-1',
  pipeline: 'primary',
  endpointId: 'input',
  verdict,
  ...more,
});
const moment = (now: number) => ({ now, at: 1_700_000_000_000 + now });

function machineOf(firing: readonly Alarm[] = []) {
  let next = 1;
  return new AlarmMachine(firing, () => `alarm-${next++}`);
}

/** What fired and cleared, by the time of each reading. */
function walk(
  machine: AlarmMachine,
  steps: readonly (readonly [now: number, verdict: Reading['verdict'] | 'gone'])[],
): string[] {
  return steps.flatMap(([now, verdict]) => {
    const { fired, cleared } = machine.step(verdict === 'gone' ? [] : [reading(verdict)], moment(now));
    return [
      ...fired.map(({ id }) => `${now} ${id} fired`),
      ...cleared.map((it) => `${now} ${it.id} ${it.clearedBy ?? ''}`),
    ];
  });
}

describe('an alarm', () => {
  it('fires when it has been bad for as long as its rule says, and clears when it has been good for long', () => {
    const steps = [
      [0, 'bad'],
      [2999, 'bad'],
      [3000, 'bad'],
      [4000, 'good'],
      [8999, 'good'],
      [9000, 'good'],
    ] as const;
    expect(walk(machineOf(), steps)).toEqual(['3000 alarm-1 fired', '9000 alarm-1 recovered']);
  });

  it('does not fire for what is good in between', () => {
    expect(
      walk(machineOf(), [
        [0, 'bad'],
        [2000, 'good'],
        [2500, 'bad'],
        [5000, 'bad'],
      ]),
    ).toEqual([]);
  });

  it('does not count the time in which nothing is known', () => {
    expect(
      walk(machineOf(), [
        [0, 'bad'],
        [1000, 'unknown'],
        [9000, 'bad'],
        [11_000, 'bad'],
      ]),
    ).toEqual([]);
  });

  it('goes on firing while nothing is known', () => {
    const steps = [
      [0, 'bad'],
      [3000, 'bad'],
      [4000, 'good'],
      [5000, 'unknown'],
      [60_000, 'good'],
      [64_999, 'good'],
    ] as const;
    expect(walk(machineOf(), steps)).toEqual(['3000 alarm-1 fired']);
  });

  it('clears at once when what it is about is no longer watched', () => {
    expect(
      walk(machineOf(), [
        [0, 'bad'],
        [3000, 'bad'],
        [3100, 'gone'],
      ]),
    ).toEqual(['3000 alarm-1 fired', '3100 alarm-1 stopped']);
  });

  it('counts what was bad before it was heard of, and says since when', () => {
    const [alarm] = machineOf().step([reading('bad', { forMs: 3000 })], moment(10_000)).fired;
    expect(alarm).toMatchObject({ since: moment(7000).at, firedAt: moment(10_000).at });
  });

  it('that fired before a restart fires no second time, and clears by its own id', () => {
    const [before] = machineOf().step([reading('bad', { forMs: 3000 })], moment(0)).fired;
    const steps = [
      [0, 'unknown'],
      [100, 'bad'],
      [9000, 'bad'],
      [10_000, 'good'],
      [15_000, 'good'],
    ] as const;
    expect(walk(machineOf(before ? [before] : []), steps)).toEqual(['15000 alarm-1 recovered']);
  });

  it('keeps the first who acknowledged it', () => {
    const machine = machineOf();
    machine.step([reading('bad', { forMs: 3000 })], moment(0));
    machine.acknowledge('alarm-1', 'console', 5);
    expect(machine.acknowledge('alarm-1', 'a-key', 6)).toMatchObject({ acknowledgedAt: 5, acknowledgedBy: 'console' });
    expect(machine.acknowledge('alarm-2', 'a-key', 6)).toBeUndefined();
  });

  it('fires and clears by turns, never twice, and no faster than its rule lets it, whatever the readings', () => {
    const verdicts = fc.constantFrom('bad', 'good', 'unknown', 'gone');
    const walks = fc.array(fc.tuple(fc.integer({ min: 1, max: 4000 }), verdicts), { maxLength: 200 });
    fc.assert(
      fc.property(walks, (gaps) => {
        let now = 0;
        const steps = gaps.map(([gap, verdict]) => [(now += gap), verdict] as const);
        const told = walk(machineOf(), steps);
        expect(told.every((line, index) => line.endsWith('fired') === (index % 2 === 0))).toBe(true);
        const times = told.map((line) => ({ at: Number(line.split(' ')[0]), line }));
        for (const [index, { at, line }] of times.entries()) {
          const before = times[index - 1]?.at;
          if (before === undefined) continue;
          expect(at - before).toBeGreaterThanOrEqual(line.endsWith('recovered') ? rule.clearMs : 0);
        }
      }),
    );
  });
});
