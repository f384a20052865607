import { describe, expect, it } from 'vitest';
import type { Flow, FlowState, Output } from '../../db/model.ts';
import { conditions, type EndpointStatus, incidents } from '../../relay/contract/messages.ts';
import { type Pipeline, protocols } from '../../relay/contract/settings.ts';
import type { FlowView } from '../../web/views/props.ts';
import {
  brokenCrossings,
  inputEnd,
  liveInput,
  liveInputOf,
  outputStatus,
  statusOf,
  verdictOf,
} from '../../web/views/status.ts';
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
    expect(statusOf(view(healthy, { state: 'idle' }), inputEnd(flowWith([studio]), 'primary'))).toEqual({
      tone: 'idle',
      word: 'Idle',
      sentence: 'The flow is not running.',
    });
  });

  it('of a running flow without a report is unknown', () => {
    expect(statusOf(view([]), inputEnd(flowWith([studio]), 'primary'))).toEqual({
      tone: 'unknown',
      word: 'Unknown',
      sentence: 'No report from its relay.',
    });
  });

  it('of a starting flow waits until its relay reports, and is unknown if that is lost', () => {
    expect(statusOf(view([], { state: 'starting' }), inputEnd(flowWith([studio]), 'primary')).word).toBe('Waiting');
    expect(
      statusOf(view([], { state: 'starting', relayLost: true }), inputEnd(flowWith([studio]), 'primary')).word,
    ).toBe('Unknown');
  });

  it('is not confused with a hop or with the other pipeline', () => {
    expect(statusOf(view([input({ id: 'hop' }), input(backup)]), inputEnd(flowWith([studio]), 'primary')).word).toBe(
      'Unknown',
    );
  });

  it('that is connected but stalled is a worry, and says since when no media has come', () => {
    expect(statusOf(view([input({ condition: 'stalled' })]), inputEnd(flowWith([studio]), 'primary'))).toMatchObject({
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

describe('the verdict on a flow with failover', () => {
  const guarded = (preferred: Pipeline): Flow => {
    const made = flowWith([studio]);
    return { ...made, input: { ...made.input, failover: { preferred, autoReturn: true, order: 0 } } };
  };
  /** Both relays say that the outputs get `live`. */
  const lives = (live: Pipeline, dead?: Pipeline) =>
    (['primary', 'backup'] as const).flatMap((pipeline) => [
      input({
        pipeline,
        live: pipeline === live,
        ...(pipeline === dead && { state: 'waiting' as const, condition: 'listening' as const }),
      }),
      input({ pipeline, id: 'cross', live: pipeline !== live }),
      sink({ pipeline }),
    ]);
  const of = (endpoints: readonly EndpointStatus[], preferred: Pipeline = 'primary') =>
    view(endpoints, { flow: guarded(preferred) });

  it.each<[string, FlowView, string, string]>([
    ['well', of(lives('primary')), 'ok', 'On air from the primary input; backup stands by.'],
    ['on the backup', of(lives('backup')), 'wait', 'On air from the backup input, not from the preferred primary.'],
    ['on the backup by wish', of(lives('backup'), 'backup'), 'ok', 'On air from the backup input; primary stands by.'],
    [
      'without a reserve',
      of(lives('backup', 'primary')),
      'wait',
      'On air from the backup input. Nothing stands by: primary brings no media.',
    ],
    [
      'between two inputs',
      of(lives('primary').map((it) => (it.pipeline === 'backup' ? { ...it, live: it.id === 'input' } : it))),
      'wait',
      english.verdicts.failover.unsettled,
    ],
    [
      'failing at a destination of the pipeline whose own input is gone',
      of(
        lives('backup', 'primary').map((it) =>
          it.role === 'sink' ? { ...it, condition: 'backing-off' as const } : it,
        ),
      ),
      'bad',
      '2 of 2 destinations do not receive.',
    ],
  ])('that is %s', (_, flow, tone, sentence) => expect(verdictOf(flow)).toEqual({ tone, sentence }));

  it('knows for each pipeline which input its outputs get', () => {
    const now = of(lives('backup'));
    expect([liveInputOf(now, 'primary'), liveInputOf(now, 'backup'), liveInput(now)]).toEqual(Array(3).fill('backup'));
  });

  it('knows nothing where a relay says nothing, or there is no failover', () => {
    const half = of(lives('primary').filter(({ pipeline }) => pipeline === 'primary'));
    expect([liveInputOf(half, 'backup'), liveInput(half), liveInput(view(healthy))]).toEqual(Array(3).fill(undefined));
  });

  it('sees a link between the relays that does not carry what it could', () => {
    const cut = lives('primary').filter(({ id, pipeline }) => id !== 'cross' || pipeline !== 'backup');
    expect([brokenCrossings(of(lives('primary'))), brokenCrossings(of(cut))]).toEqual([[], ['backup']]);
  });
});

describe('the catalogue of words', () => {
  const roles = ['source', 'sink'] as const;

  it('has a whole sentence for every condition of either end, by each protocol', () => {
    for (const role of roles)
      for (const protocol of protocols)
        for (const condition of conditions)
          expect(english.conditions[role][protocol][condition]).toMatch(/^[A-Z].*\.$/);
  });

  it('claims no acknowledgement that a protocol does not give', () => {
    expect(english.conditions.sink.srt.flowing).toContain('acknowledged');
    expect(english.conditions.sink.rtmp.flowing).toBe('Media is taken by the server.');
    expect(english.conditions.sink.rtp.flowing).toMatch(/^Sending; RTP has no acknowledgement/);
  });

  it('has for every incident what happened and a next step', () => {
    for (const role of roles)
      for (const protocol of protocols)
        for (const code of incidents) {
          expect(english.incidents[role][protocol][code].what).toMatch(/^[A-Z].*[^.]$/);
          expect(english.incidents[role][protocol][code].next).toMatch(/^[A-Z].*\.$/);
        }
  });

  it('speaks of SRT to SRT alone', () => {
    for (const role of roles) {
      expect(english.incidents[role].srt['handshake-failed'].what).toContain('SRT');
      expect(english.incidents[role].rtmp['handshake-failed'].what).toContain('RTMP');
    }
  });

  it('tells the three faults of a passphrase apart', () => {
    const codes = ['passphrase-missing', 'passphrase-wrong', 'passphrase-unexpected'] as const;
    for (const role of roles) expect(new Set(codes.map((code) => english.incidents[role].srt[code].what)).size).toBe(3);
  });

  it('names every state of a flow', () => {
    const states: readonly FlowState[] = ['idle', 'starting', 'running', 'stopping'];
    expect(states.map((state) => english.flowStates[state])).toEqual(['Idle', 'Starting', 'Running', 'Stopping']);
  });
});

describe('an input without an encoder', () => {
  const listening = { state: 'waiting', condition: 'listening', peer: undefined } as const;
  const seen = (packets: number) =>
    statusOf(view([input({ ...listening, packets })]), inputEnd(flowWith([studio]), 'primary'));

  it('waits while nobody has pushed to it yet', () => {
    expect(seen(0)).toMatchObject({ tone: 'wait', sentence: 'Listening for your encoder. Push to this address.' });
  });

  it('is an alarm once it had media and has lost it', () => {
    expect(seen(12_345)).toMatchObject({
      tone: 'bad',
      word: 'Waiting',
      sentence: 'The encoder is gone. Listening for it to come back.',
    });
  });
});
