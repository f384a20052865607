/** Networks that go dark for a minute, and a hundred times for less. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blackOut, openRoads, type Roads } from '../kit/blackouts.ts';
import { measured } from '../kit/measured.ts';
import { openStage, type Stage } from '../kit/stage.ts';

let stage: Stage;
let roads: Roads;

beforeAll(async () => {
  stage = await openStage();
  roads = await openRoads(stage);
});
afterAll(async () => {
  await roads.close();
  await stage.clear();
  await stage.close();
});

describe('a network that is dark for a minute', () => {
  it('is followed by media within 5 s, for each protocol and direction', async () => {
    const back = await blackOut(roads.roads, 60);
    measured('blackout of 60 s', JSON.stringify(Object.fromEntries(back)));
    expect([...back].filter(([, ms]) => ms > 5000)).toEqual([]);
  });
});

describe('a network that goes dark a hundred times', () => {
  it('is followed by media within 5 s each time', async () => {
    const all: number[] = [];
    const late: string[] = [];
    for (let round = 0; all.length < 100; round++) {
      const back = await blackOut(roads.roads, 2 + (round % 4) * 3);
      all.push(...back.values());
      late.push(...[...back].filter(([, ms]) => ms > 5000).map(([name, ms]) => `${name} in round ${round}: ${ms} ms`));
    }
    measured(
      'blackouts of 2 to 11 s',
      `${all.length - late.length} of ${all.length} within 5 s, worst ${Math.max(...all)} ms`,
    );
    expect(late).toEqual([]);
  });
});
