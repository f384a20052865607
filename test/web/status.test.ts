import { describe, expect, it } from 'vitest';
import type { Flow, FlowState, Output } from '../../db/model.ts';
import { conditions, type EndpointStatus, incidents } from '../../relay/contract/messages.ts';
import type { FlowView } from '../../web/views/props.ts';
import { inputEnd, outputStatus, statusOf, verdictOf } from '../../web/views/status.ts';
import { english } from '../../web/views/words.ts';
import { endpoint, flowDraft, outputDraft } from '../kit/console-house.ts';

const studio: Output = {
  ...outputDraft('Studio', 7001),
  id: 'studio',
  destinations: { primary: { host: '203.0.113.7', port: 7001 }, backup: { host: '203.0.113.7', port: 7002 } },
};
const archive: Output = { ...outputDraft('Archive', 7003), id: 'archive' };

const flowWith = (outputs: readonly Output[]): Flow => {
  const { input, ...fields } = flowDraft('News');
  const made = { id: 'f1', running: true, revision: 1, createdAt: 0, hops: [], outputs };
  return { ...fields, ...made, input: { ...input, id: 'i1', ports: { primary: 9000, backup: 9001 } } };
};

const view = (endpoints: readonly EndpointStatus[], changes: Partial<FlowView> = {}): FlowView => ({
  flow: flowWith([studio]),
  state: 'running',
  endpoints,
  relayLost: false,
  ...changes,
});

const input = (changes: Partial<EndpointStatus> = {}) => endpoint('f1', changes);
const sink = (changes: Partial<EndpointStatus> = {}) => endpoint('f1', { role: 'sink', id: 'studio', ...changes });
const backup = { pipeline: 'backup' } as const;
const healthy = [input(), input(backup), sink(), sink(backup)];

describe('an end', () => {
  it('of an idle flow is idle, whatever a late report says', () => {
    expect(statusOf(view(healthy, { state: 'idle' }), inputEnd('primary'))).toEqual({
      tone: 'idle',
      word: 'Idle',
      sentence: 'The flow is not running.',
    });
  });

  it('of a running flow without a report is unknown', () => {
    expect(statusOf(view([]), inputEnd('primary'))).toEqual({
      tone: 'unknown',
      word: 'Unknown',
      sentence: 'No report from its relay.',
    });
  });

  it('of a starting flow waits until its relay reports, and is unknown if that is lost', () => {
    expect(statusOf(view([], { state: 'starting' }), inputEnd('primary')).word).toBe('Waiting');
    expect(statusOf(view([], { state: 'starting', relayLost: true }), inputEnd('primary')).word).toBe('Unknown');
  });

  it('is not confused with a hop or with the other pipeline', () => {
    expect(statusOf(view([input({ id: 'hop' }), input(backup)]), inputEnd('primary')).word).toBe('Unknown');
  });

  it('that is connected but stalled is a worry, and says since when no media has come', () => {
    expect(statusOf(view([input({ condition: 'stalled' })]), inputEnd('primary'))).toMatchObject({
      tone: 'bad',
      word: 'Connected',
      sentence: 'Connected, but no media has arrived for 3 s. Check the encoder.',
    });
  });

  it('without a destination is not set rather than waiting', () => {
    expect(outputStatus(view([]), archive, 'backup')).toMatchObject({ tone: 'idle', word: 'Not set' });
  });
});

describe('the verdict on a flow', () => {
  const failing = sink({ state: 'waiting', condition: 'backing-off' });
  const listening = input({ ...backup, state: 'waiting', condition: 'listening' });
  const primaryOnly = { flow: flowWith([archive]) };
  const archived = sink({ id: 'archive' });

  it.each<[string, FlowView, string, string]>([
    ['all is well', view(healthy), 'ok', 'On air on both pipelines.'],
    ['no relay reports', view([]), 'unknown', english.verdicts.unknown],
    ['one relay is lost', view([input(), sink()], { relayLost: true }), 'unknown', english.verdicts.unknown],
    [
      'no media arrives',
      view([input({ condition: 'stalled' }), listening, sink(), sink(backup)]),
      'bad',
      'No media arrives on either pipeline.',
    ],
    [
      'a destination fails',
      view([input(), input(backup), failing, sink(backup)]),
      'bad',
      '1 of 2 destinations does not receive.',
    ],
    [
      'the backup is missing',
      view([input(), listening, sink(), sink({ ...backup, condition: 'no-input' })]),
      'wait',
      'On air on primary only.',
    ],
    ['no backup is wanted', view([input(), listening, archived], primaryOnly), 'ok', english.verdicts.onAirPrimary],
    [
      'there is too much',
      view([input({ over: true }), input(backup), sink(), sink(backup)]),
      'wait',
      english.verdicts.over,
    ],
    [
      'a destination is being called',
      view([input(), input(backup), sink({ state: 'waiting', condition: 'dialling' }), sink(backup)]),
      'wait',
      '1 of 2 destinations not connected yet.',
    ],
    ['it is idle', view([], { state: 'idle' }), 'idle', 'Ready to start.'],
    [
      'it has no output',
      view([], { state: 'idle', flow: flowWith([]) }),
      'idle',
      'Add an output, then start the flow.',
    ],
  ])('where %s says the worst that is true', (_what, flow, tone, sentence) => {
    expect(verdictOf(flow)).toEqual({ tone, sentence });
  });

  it('is never well while an end is unknown', () => {
    for (const missing of healthy) expect(verdictOf(view(healthy.filter((it) => it !== missing))).tone).toBe('unknown');
  });
});

describe('the catalogue of words', () => {
  it('has a whole sentence for every condition of either end', () => {
    for (const role of ['source', 'sink'] as const)
      for (const condition of conditions) expect(english.conditions[role][condition]).toMatch(/^[A-Z].*\.$/);
  });

  it('has for every incident what happened and a next step', () => {
    for (const role of ['source', 'sink'] as const)
      for (const code of incidents) {
        expect(english.incidents[role][code].what).toMatch(/^[A-Z].*[^.]$/);
        expect(english.incidents[role][code].next).toMatch(/^[A-Z].*\.$/);
      }
  });

  it('tells the three faults of a passphrase apart', () => {
    const codes = ['passphrase-missing', 'passphrase-wrong', 'passphrase-unexpected'] as const;
    for (const role of ['source', 'sink'] as const)
      expect(new Set(codes.map((code) => english.incidents[role][code].what)).size).toBe(3);
  });

  it('names every state of a flow', () => {
    const states: readonly FlowState[] = ['idle', 'starting', 'running', 'stopping'];
    expect(states.map((state) => english.flowStates[state])).toEqual(['Idle', 'Starting', 'Running', 'Stopping']);
  });
});
