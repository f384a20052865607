import { describe, expect, it } from 'vitest';
import { adviseLatency, LEAST_SECONDS, type LinkSecond } from '../../server/latency-advice.ts';

const second = (some: Partial<LinkSecond> = {}): LinkSecond => ({ at: 0, rttMs: 40, loss: 0, dropped: 0, ...some });
/** So many seconds of a link, the last of them another one. */
const link = (some: Partial<LinkSecond>, last: Partial<LinkSecond> = some, count = 300) =>
  Array.from({ length: count }, (_, index) => second(index === count - 1 ? last : some));

describe('the advice on latency', () => {
  it('says nothing before there is a minute of the link', () => {
    expect(adviseLatency(link({}, {}, LEAST_SECONDS - 1), 120)).toBeUndefined();
    expect(adviseLatency(link({}, {}, LEAST_SECONDS), 120)).toBeDefined();
  });

  it.each([
    [0, 5, 200],
    [0.1, 5, 200],
    [0.15, 6.5, 260],
    [0.2, 8, 320],
    [0.5, 8, 320],
  ])('at a loss of %d is %d round trips', (loss, roundTrips, suggestedMs) => {
    expect(adviseLatency(link({ loss }), 500)).toMatchObject({ roundTrips, suggestedMs });
  });

  it('counts the worst second, since a burst has to be repaired as well', () => {
    const advice = adviseLatency(link({ loss: 0 }, { loss: 0.2 }), 500);
    expect(advice).toMatchObject({ roundTrips: 8, worstLoss: 0.2 });
    expect(advice?.meanLoss).toBeCloseTo(0.2 / 300);
  });

  it('goes by the round trip that is kept to but in the worst twentieth of the time', () => {
    expect(adviseLatency(link({}, { rttMs: 900 }), 500)?.rttMs).toBe(40);
    const jittery = Array.from({ length: 100 }, (_, index) => second({ rttMs: index < 90 ? 40 : 80 }));
    expect(adviseLatency(jittery, 500)).toMatchObject({ rttMs: 80, suggestedMs: 400 });
  });

  it('is in steps of 10 ms, never below the default nor above what can be set', () => {
    expect(adviseLatency(link({ rttMs: 40.3 }), 120)?.suggestedMs).toBe(210);
    expect(adviseLatency(link({ rttMs: 0.2 }), 120)?.suggestedMs).toBe(120);
    expect(adviseLatency(link({ rttMs: 3000 }), 120)?.suggestedMs).toBe(3000);
  });

  it.each([
    [159, 0, 'too-short'],
    [160, 0, 'short'],
    [200, 0, 'enough'],
    [200, 3, 'enough-yet-dropped'],
    [undefined, 0, 'unknown'],
  ])('with %s ms in force and %d dropped says %s', (inForceMs, dropped, verdict) => {
    expect(adviseLatency(link({}, { dropped }), inForceMs)?.verdict).toBe(verdict);
  });
});
