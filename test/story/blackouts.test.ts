/** Networks that go dark, in each direction, for each protocol; longer ones in test/long. */
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

describe('a network that is dark for 8 s, longer than SRT waits', () => {
  it('is followed by media within 5 s, for each protocol and direction', async () => {
    const back = await blackOut(roads.roads, 8);
    measured('blackout of 8 s', JSON.stringify(Object.fromEntries(back)));
    expect([...back].filter(([, ms]) => ms > 5000)).toEqual([]);
  });
});
