import { describe, expect, it } from 'vitest';
import type { RelayView } from '../../server/relay-view.ts';
import type { AlarmKind, AlarmRule } from '../../db/alarm-model.ts';
import { ruleFinder, Watch } from '../../server/alarm-readings.ts';
import { flow, input, output, ruleOf, type SceneWish, sceneOf, sink } from '../kit/alarm-scene.ts';
import * as samples from '../kit/samples.ts';

/** The verdict on one pipeline (or relay), after the scenes before it, each at its time in ms. */
function verdictOf(
  kind: AlarmKind,
  scenes: readonly (readonly [at: number, wish: SceneWish])[],
  rule: Partial<AlarmRule> = {},
) {
  const watch = new Watch(0);
  const rules = ruleFinder([ruleOf(kind, rule)]);
  const all = scenes.map(([at, wish]) => watch.read(sceneOf(wish), rules, at));
  return Object.fromEntries(
    (all.at(-1) ?? []).map(({ pipeline, endpointId, relayId, verdict }) => [
      relayId ?? (endpointId === undefined ? 'server' : `${endpointId} ${pipeline ?? ''}`),
      verdict,
    ]),
  );
}

const listening = { state: 'waiting', condition: 'listening', bitrate: 0 } as const;
const track = (kind: 'video' | 'audio', frameRate: number) => ({ id: kind, kind, codec: 'any', values: { frameRate } });
const both = [input('primary'), input('backup')];

describe('an input', () => {
  it.each([
    ['whose connection is gone', { ...listening }],
    ['that is silent', { state: 'waiting', condition: 'stalled', bitrate: 0 }],
    ['whose last second brought no byte', { condition: 'flowing', bitrate: 0 }],
  ] as const)('%s is lost, if it had media', (_, changes) => {
    const verdicts = verdictOf('input-lost', [
      [0, { endpoints: both }],
      [1000, { endpoints: [input('primary', changes), input('backup')] }],
    ]);
    expect(verdicts).toEqual({ 'input primary': 'bad', 'input backup': 'good' });
  });

  it('that never had media is none that was lost', () => {
    const endpoints = [input('primary'), input('backup', { ...listening, packets: 0 })];
    expect(verdictOf('input-lost', [[0, { endpoints }]])).toMatchObject({ 'input backup': 'good' });
  });

  it('is lost for a server that did not see it, where the relay has counted media of it', () => {
    const endpoints = [input('primary', { ...listening, packets: 9 }), input('backup')];
    expect(verdictOf('input-lost', [[0, { endpoints }]])).toMatchObject({ 'input primary': 'bad' });
  });

  it('whose media has just begun is not silent', () => {
    const endpoints = [input('primary', { bitrate: 0, packets: 3 }), input('backup', { ...listening, packets: 0 })];
    expect(verdictOf('input-lost', [[0, { endpoints }]])).toMatchObject({ 'input primary': 'unknown' });
  });

  it('of a flow without any media is missed after 30 s, and once only', () => {
    const endpoints = [input('primary', { ...listening, packets: 0 }), input('backup', { ...listening, packets: 0 })];
    const early = verdictOf('input-lost', [
      [0, { endpoints }],
      [29_000, { endpoints }],
    ]);
    const late = verdictOf('input-lost', [
      [0, { endpoints }],
      [30_000, { endpoints }],
    ]);
    expect(early).toEqual({ 'input primary': 'unknown', 'input backup': 'good' });
    expect(late).toEqual({ 'input primary': 'bad', 'input backup': 'good' });
  });

  it('of which no relay reports is neither well nor lost', () => {
    const verdicts = verdictOf('input-lost', [
      [0, { endpoints: both }],
      [5000, { endpoints: [] }],
    ]);
    expect(verdicts).toEqual({ 'input primary': 'unknown', 'input backup': 'unknown' });
  });

  it('is forgotten with its flow: started again, it is waited for', () => {
    const endpoints = [input('primary', { ...listening, packets: 0 }), input('backup', { ...listening, packets: 0 })];
    const verdicts = verdictOf('input-lost', [
      [0, { endpoints: both }],
      [1000, { running: false }],
      [2000, { endpoints }],
    ]);
    expect(verdicts).toMatchObject({ 'input primary': 'unknown' });
  });

  it.each<[AlarmKind, number | undefined, SceneWish['health'], string]>([
    ['loss-above', 0.02, { values: { lossRatio: 0.03 } }, 'bad'],
    ['loss-above', 0.02, { values: { lossRatio: 0.02 } }, 'good'],
    ['loss-above', 0.02, { values: {} }, 'unknown'],
    ['no-video', undefined, { tracks: [track('video', 25)] }, 'good'],
    ['no-video', undefined, { tracks: [track('video', 0)] }, 'bad'],
    ['no-video', undefined, { tracks: [track('audio', 47)] }, 'bad'],
    ['no-audio', undefined, { tracks: [track('audio', 47)] }, 'good'],
    ['no-audio', undefined, undefined, 'unknown'],
  ])('is judged by %s of %s on %j as %s', (kind, threshold, health, verdict) => {
    expect(verdictOf(kind, [[0, { endpoints: both, health }]], { threshold })).toMatchObject({
      'input primary': verdict,
    });
  });

  it.each([
    ['bitrate-below', 9_000_000, 'bad'],
    ['bitrate-below', 8_000_000, 'good'],
    ['bitrate-above', 8_000_000, 'bad'],
    ['bitrate-above', 9_000_000, 'good'],
  ] as const)('with 8.02 Mbit/s is judged by %s %s as %s', (kind, threshold, verdict) => {
    expect(verdictOf(kind, [[0, { endpoints: both }]], { threshold })).toMatchObject({ 'input primary': verdict });
  });

  it('without media is not measured: that it is lost is another alarm', () => {
    const endpoints = [input('primary', listening), input('backup')];
    expect(verdictOf('bitrate-below', [[0, { endpoints }]], { threshold: 9e6 })).toMatchObject({
      'input primary': 'good',
    });
  });

  it('above the bandwidth is told of', () => {
    const endpoints = [input('primary', { over: true }), input('backup')];
    expect(verdictOf('over-bandwidth', [[0, { endpoints }]])).toEqual({
      'input primary': 'bad',
      'input backup': 'good',
    });
  });
});

describe('an output', () => {
  const place = `${output.id} primary`;
  const down = sink('primary', { state: 'waiting', condition: 'backing-off', bitrate: 0 });

  it('that does not get the media of its pipeline is down', () => {
    expect(verdictOf('output-down', [[0, { endpoints: [...both, down] }]])).toEqual({ [place]: 'bad' });
  });

  it('that gets nothing from a working input is down, though its peer is connected', () => {
    const starved = sink('primary', { state: 'waiting', condition: 'no-input', bitrate: 0 });
    expect(verdictOf('output-down', [[0, { endpoints: [...both, starved] }]])).toEqual({ [place]: 'bad' });
  });

  it('without an input is not known to be down', () => {
    const endpoints = [input('primary', listening), input('backup'), down];
    expect(verdictOf('output-down', [[0, { endpoints }]])).toEqual({ [place]: 'unknown' });
  });

  it('has an input with failover while any of the two has media', () => {
    const withFailover = { ...flow, input: samples.input({ failover: samples.failover }) };
    const endpoints = [input('primary', listening), input('backup'), down];
    expect(verdictOf('output-down', [[0, { flow: withFailover, endpoints }]])).toEqual({ [place]: 'bad' });
  });
});

describe('failover', () => {
  const withFailover = { ...flow, input: samples.input({ failover: samples.failover }) };
  it.each([
    [true, 'good'],
    [false, 'bad'],
    [undefined, 'unknown'],
  ] as const)('with the preferred input live: %s is %s', (live, verdict) => {
    const endpoints = [input('primary', { live }), input('backup')];
    expect(verdictOf('failover', [[0, { flow: withFailover, endpoints }]])).toEqual({ 'input primary': verdict });
  });

  it('is nothing that a flow without it has', () => {
    expect(verdictOf('failover', [[0, { endpoints: both }]])).toEqual({});
  });
});

describe('a relay', () => {
  const relay = (changes: Partial<RelayView>): RelayView[] => [
    { id: 'europe-1', state: 'reporting', isNeeded: true, isHeard: true, ...changes },
  ];
  it.each([
    ['that reports', {}, 0, 'good'],
    ['that fell silent', { state: 'lost' }, 0, 'bad'],
    ['that was not heard yet', { isHeard: false, state: 'lost' }, 14_000, 'unknown'],
    ['that never came', { isHeard: false, state: 'lost' }, 15_000, 'bad'],
  ] as const)('%s: %j after %s ms is %s', (_, changes, at, verdict) => {
    expect(verdictOf('relay-lost', [[at, { relays: relay(changes) }]])).toEqual({ 'europe-1': verdict });
  });

  it('that no flow needs may go', () => {
    expect(verdictOf('relay-lost', [[0, { relays: relay({ isNeeded: false, state: 'lost' }) }]])).toEqual({});
  });
});

describe('the storage', () => {
  it.each([
    [true, 'bad'],
    [false, 'good'],
  ] as const)('that has failed (%s) is %s', (storageFailed, verdict) => {
    expect(verdictOf('storage-failed', [[0, { storageFailed }]])).toEqual({ server: verdict });
  });
});

describe('the rule of a flow', () => {
  const general = ruleOf('loss-above', { id: 'general', threshold: 0.02 });
  const own = ruleOf('loss-above', { id: 'own', flowId: flow.id, threshold: 0.05 });

  it('stands in the place of the one for all', () => {
    expect(ruleFinder([general, own])('loss-above', flow.id)?.id).toBe('own');
    expect(ruleFinder([general, own])('loss-above', 'another')?.id).toBe('general');
  });

  it('silences a flow where it is turned off', () => {
    expect(ruleFinder([general, { ...own, enabled: false }])('loss-above', flow.id)).toBeUndefined();
  });
});
