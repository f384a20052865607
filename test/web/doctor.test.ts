import { describe, expect, it } from 'vitest';
import type { Flow, LogEvent, Output } from '../../db/model.ts';
import { conditions, type EndpointStatus, incidents } from '../../relay/contract/messages.ts';
import { diagnose, worstOf } from '../../web/views/doctor.ts';
import { events as sentences } from '../../web/views/words-events.ts';
import { inLanguage } from '../../web/views/language.ts';
import type { EndNow, FlowPage, LatencyNow } from '../../web/views/props.ts';
import { endpoint } from '../kit/console-house.ts';
import { logEvent } from '../kit/log-events.ts';
import { flow, input, output, regions, rtmpInput, rtmpOutput, rtpInput, rtpOutput } from '../kit/samples.ts';

const NOW = 10_000_000;
const peer = { address: '203.0.113.7', port: 4711 };

const page = (changes: Partial<FlowPage> = {}): FlowPage => ({
  flow: flow({ running: true, outputs: [output()] }),
  state: 'running',
  endpoints: [source(), sink()],
  relayLost: false,
  addresses: { primary: 'srt://relay.example.net:20000', backup: 'srt://relay.example.net:20001' },
  regions,
  events: [],
  at: NOW,
  readings: [reading('input'), reading('output-1')],
  failingSince: undefined,
  ...changes,
});

/** In good health for a minute. */
const source = (changes: Partial<EndpointStatus> = {}) =>
  endpoint('flow-1', { since: NOW - 60_000, peer: { address: '192.0.2.1', port: 5000 }, ...changes });
const sink = (changes: Partial<EndpointStatus> = {}) => source({ role: 'sink', id: 'output-1', ...changes });
/** Nobody is connected, and nobody ever was. */
const listening = (changes: Partial<EndpointStatus> = {}) =>
  source({ state: 'waiting', condition: 'listening', peer: undefined, packets: 0, since: NOW - 30_000, ...changes });
const failing = (changes: Partial<EndpointStatus> = {}) =>
  sink({ state: 'waiting', condition: 'backing-off', peer: undefined, since: NOW - 200, ...changes });

const track = (kind: 'video' | 'audio', frameRate: number) => ({
  id: `pid ${kind === 'video' ? 256 : 257}`,
  kind,
  codec: kind === 'video' ? 'H.264' : 'AAC',
  values: { frameRate },
});
const reading = (id: string, changes: Partial<EndNow> = {}): EndNow => ({
  flowId: 'flow-1',
  pipeline: 'primary',
  id,
  values: {},
  tracks: [track('video', 25), track('audio', 47)],
  ...changes,
});
const advice = (verdict: NonNullable<LatencyNow['advice']>['verdict'], dropped: number): LatencyNow => ({
  seconds: 300,
  advice: {
    ...{ seconds: 300, suggestedMs: 400, rttMs: 80, roundTrips: 5, meanLoss: 0.05, worstLoss: 0.1, inForceMs: 120 },
    dropped,
    verdict,
  },
});

const happened = (code: string, secondsAgo: number, changes: Partial<LogEvent> = {}): LogEvent =>
  logEvent({ code, at: NOW - secondsAgo * 1000, peer, ...changes });
const refused = (cause: string, secondsAgo = 4) =>
  happened('refused', secondsAgo, { facts: { protocol: 'srt', cause } });
const ofOutput = { role: 'output', endpointId: 'output-1', name: 'Studio' } as const;
const incident = (code: (typeof incidents)[number], secondsAgo = 4, from: typeof peer | undefined = peer) => ({
  incident: { code, at: NOW - secondsAgo * 1000, ...(from && { peer: from }) },
});
const withInput = (events: readonly LogEvent[], changes: Partial<EndpointStatus> = {}) =>
  page({ endpoints: [listening(changes), sink({ condition: 'no-input' })], events });
const withOutput = (changes: Partial<EndpointStatus>, events: readonly LogEvent[] = []) =>
  page({ endpoints: [source(), failing(changes)], events });
const as = (changed: Partial<Flow>, rest: FlowPage): FlowPage => ({ ...rest, flow: { ...rest.flow, ...changed } });
const withOutputs = (one: Output, rest: FlowPage): FlowPage => as({ outputs: [one] }, rest);

const said = (of: FlowPage): readonly string[] => diagnose(of).map(({ sentence }) => sentence);

describe('the doctor on an input', () => {
  it.each<[string, FlowPage, string]>([
    [
      'whose encoder has a wrong passphrase',
      withInput([refused('passphrase-wrong')]),
      'An encoder at 203.0.113.7 is calling with a wrong passphrase; last try 4 s ago. Compare the key on the encoder with the one set here.',
    ],
    [
      'whose encoder has none',
      withInput([refused('passphrase-missing')]),
      'An encoder at 203.0.113.7 is calling without a passphrase; last try 4 s ago. Set the key and key length of this input on the encoder.',
    ],
    [
      'whose encoder has one that is not asked for',
      withInput([refused('passphrase-unexpected')]),
      'An encoder at 203.0.113.7 is calling with a passphrase, and this input has none; last try 4 s ago. Turn encryption off on the encoder, or decryption on here.',
    ],
    [
      'whose encoder has another key length',
      withInput([refused('key-length-wrong')]),
      'An encoder at 203.0.113.7 is calling with another key length; last try 4 s ago. Set on the encoder the key length that is set here.',
    ],
    [
      'whose encoder calls from an address that is not allowed',
      withInput([refused('address-not-allowed')]),
      'An encoder at 203.0.113.7 is calling from an address that is not in the allowlist; last try 4 s ago. If it is yours, allow its address.',
    ],
    [
      'whose encoder has a wrong stream key',
      as({ input: rtmpInput() }, withInput([refused('stream-key-wrong')])),
      'An encoder at 203.0.113.7 is publishing with a wrong stream key; last try 4 s ago. Copy server URL and stream key of this input to the encoder once more.',
    ],
    [
      'whose encoder is too old',
      withInput([refused('version-too-old')]),
      'An encoder at 203.0.113.7 is calling with a version of SRT that is too old; last try 4 s ago. Update it to SRT 1.3 or newer.',
    ],
    [
      'that refuses for a cause without words of its own',
      withInput([refused('handshake-failed')]),
      'An encoder at 203.0.113.7 was refused: the SRT handshake failed; last try 4 s ago. Check that the other end speaks SRT and that no firewall alters UDP.',
    ],
    [
      'that a second encoder calls',
      page({ events: [refused('already-in-use')] }),
      'A second encoder at 203.0.113.7 is calling, and one is connected already; last try 4 s ago. Stop one of the two, or push to the other input.',
    ],
    [
      'that a second sender sends to',
      as({ input: rtpInput() }, page({ events: [refused('already-in-use')] })),
      'Datagrams come from a second sender at 203.0.113.7 and are ignored; the last 4 s ago. Stop one of the two, or send to the other input.',
    ],
    [
      'that nobody has called',
      withInput([], { since: NOW - 185_000 }),
      'No encoder has called for 3 min 5 s. Check that it calls srt://relay.example.net:20000, and that UDP may pass the firewalls; a caller that is refused would be named here.',
    ],
    [
      'whose encoder is gone',
      withInput([], { packets: 7, ...incident('peer-silent', 12) }),
      'The encoder at 203.0.113.7 has been gone for 12 s: the other end fell silent. Check its power, its network and the firewalls between.',
    ],
    [
      'whose encoder is connected without media',
      page({ endpoints: [source({ state: 'waiting', condition: 'stalled', since: NOW - 9000, peer }), sink()] }),
      'The encoder at 203.0.113.7:4711 is connected, but has sent no media for 12 s. Check that it is sending, and that its source is not paused.',
    ],
    [
      'in whose data nothing is found',
      page({ readings: [reading('input', { tracks: [] })] }),
      'Data arrives, but neither sound nor pictures are found in it. Check that the encoder sends MPEG-TS with a video or an audio track.',
    ],
    [
      'whose video has no frames',
      page({ readings: [reading('input', { tracks: [track('video', 0), track('audio', 47)] })] }),
      'Video is announced but brings no frames. Check the video source of the encoder.',
    ],
    [
      'whose video has no key frame',
      page({
        readings: [reading('input', { tracks: [track('video', 0), track('audio', 47)] })],
        events: [happened('no-keyframe', 20), happened('connected', 30)],
      }),
      'Video is announced but brings no key frame, so that receivers see nothing. Set the key frame interval of the encoder to 2 s.',
    ],
    [
      'whose video track is gone',
      page({
        readings: [reading('input', { tracks: [track('audio', 47)] })],
        events: [happened('format-changed', 20, { facts: { before: 'PID 256: H.264 High', format: 'PID 257: AAC' } })],
      }),
      'Sound arrives, and the video track is gone. Check the video source of the encoder.',
    ],
    [
      'above the bandwidth',
      page({ endpoints: [source({ over: true, bitrate: 12_400_000 }), sink()] }),
      'The stream is above the maximum bandwidth of the flow (12.4 of 10 Mbps), and what is above is dropped. Lower the bit rate of the encoder.',
    ],
    [
      'that loses more than its latency can repair',
      page({ readings: [reading('input', { latency: advice('too-short', 57) })] }),
      'In the last 5 min the link lost 57 packets for good: the latency of 120 ms is too short to repair it. Set 400 ms on the encoder, or here while the flow is stopped.',
    ],
    [
      'that is cut for longer than its latency',
      page({ readings: [reading('input', { latency: advice('enough-yet-dropped', 1) })] }),
      'In the last 5 min the link lost 1 packet for good though the latency of 120 ms is enough: it was cut for longer than that. Check the network between.',
    ],
    [
      'that loses packets of RTP',
      as({ input: rtpInput() }, page({ events: [happened('data-lost', 8, { facts: { protocol: 'rtp', lost: 12 } })] })),
      'The link lost 12 packets in the last minute, and RTP cannot repair that. Mend the network, or push by SRT.',
    ],
    [
      'whose port is taken',
      withInput([], { condition: 'backing-off', ...incident('port-unavailable', 4, undefined) }),
      'The port of srt://relay.example.net:20000 is taken by another program on the host of the relay. Free it; it is tried again by itself.',
    ],
    [
      'whose encoder comes and goes',
      page({
        events: [5, 20, 40].map((ago) =>
          happened('disconnected', ago, { facts: { protocol: 'srt', cause: 'peer-closed' } }),
        ),
      }),
      'The encoder at 203.0.113.7 has come and gone 3 times in the last 5 min, the last time because: the other end closed the connection. Check whether it was stopped on purpose.',
    ],
    [
      'whose relay ended',
      page({
        endpoints: [sink()],
        relayLost: true,
        events: [
          logEvent({
            ...{ role: 'flow', endpointId: 'flow', pipeline: undefined, code: 'relay-died', at: NOW - 2000 },
            facts: { relay: 'asia-1', pipeline: 'primary' },
          }),
        ],
      }),
      'Relay asia-1 ended 2 s ago and is being started anew. If it does not come back, its log in the data folder says why.',
    ],
    [
      'of a stopped flow that an encoder publishes to',
      as({ input: rtmpInput() }, page({ state: 'idle', endpoints: [], events: [refused('flow-stopped')] })),
      'An encoder at 203.0.113.7 is publishing to this flow, which is stopped; last try 4 s ago. Start the flow, or stop the encoder.',
    ],
  ])('%s says what is wrong and what to do', (_of, seen, sentence) => expect(said(seen)[0]).toBe(sentence));

  it('offers to allow the one address that was refused', () => {
    expect(diagnose(withInput([refused('address-not-allowed')]))[0]?.fix).toEqual({
      href: '/flows/flow-1/input/edit?allow=203.0.113.7%2F32',
      text: 'Allow 203.0.113.7/32',
    });
    const v6 = happened('refused', 1, {
      peer: { address: '2001:db8::7', port: 1 },
      facts: { cause: 'address-not-allowed' },
    });
    expect(diagnose(withInput([v6]))[0]?.fix?.text).toBe('Allow 2001:db8::7/128');
  });

  it('goes by the report where it is newer than the log, which folds what repeats', () => {
    expect(said(withInput([refused('passphrase-wrong', 40)], incident('passphrase-wrong', 1)))[0]).toContain(
      'last try 1 s ago',
    );
  });

  it('says nothing of a stranger while the encoder is connected', () => {
    expect(said(page({ events: [refused('address-not-allowed'), refused('passphrase-wrong')] }))).toEqual([]);
  });

  it('says nothing of what is long past', () => {
    expect(said(withInput([refused('passphrase-wrong', 301)]))).toEqual([]);
  });

  it('misses no encoder on a backup that nothing is sent from', () => {
    const backup = listening({ pipeline: 'backup', since: NOW - 900_000 });
    expect(said(page({ endpoints: [source(), backup, sink()] }))).toEqual([]);
    const { destinations } = output();
    const paired = output({ destinations: { ...destinations, backup: { host: '198.51.100.2', port: 9000 } } });
    const seen = page({ endpoints: [source(), backup, sink(), sink({ pipeline: 'backup', condition: 'no-input' })] });
    expect(said(withOutputs(paired, seen))).toEqual([expect.stringContaining('No encoder has called for 15 min 0 s.')]);
  });
});

const retry = (cause: string, changes: Partial<LogEvent> = {}) =>
  happened('retry', 3, { ...ofOutput, facts: { cause, attempt: 8, triedForMs: 31_000 }, ...changes });

describe('the doctor on an output', () => {
  it.each<[string, FlowPage, string]>([
    [
      'that nobody answers',
      withOutput(incident('no-answer', 3, undefined), [retry('no-answer')]),
      'No connection to 198.51.100.1:9000 for 34 s: no answer. Check address and port, and that UDP may pass both firewalls.',
    ],
    [
      'whose key the receiver does not accept',
      withOutput(incident('passphrase-wrong', 3, undefined)),
      'No connection to 198.51.100.1:9000 for 3 s: the receiver does not accept the key. Compare key and key length with those of the receiver.',
    ],
    [
      'whose server refuses the stream',
      withOutputs(rtmpOutput(), withOutput(incident('publish-refused', 3, undefined))),
      'No connection to rtmps://live.example.com/app for 3 s: the server refused the stream. Check URL and stream key with the platform; a key may have run out or be in use elsewhere.',
    ],
    [
      'that takes nothing',
      page({ endpoints: [source(), sink({ condition: 'unacknowledged', since: NOW - 4000 })] }),
      '198.51.100.1:9000 is connected, but has taken no media for 7 s. Check that the receiver is running, and the network to it.',
    ],
    [
      'that is too slow',
      page({ events: [happened('dropped-to-slow-peer', 5, { ...ofOutput, facts: { dropped: 1200 } })] }),
      '198.51.100.1:9000 is too slow for the stream: 1,200 packets dropped in the last minute. Check the bandwidth to it, or lower the bit rate of the encoder.',
    ],
    [
      'that breaks again and again',
      page({
        events: [
          happened('disconnected', 9, { ...ofOutput, count: 4, facts: { protocol: 'srt', cause: 'connection-lost' } }),
        ],
      }),
      'The connection to 203.0.113.7 has broken 4 times in the last 5 min, the last time because: the connection broke. Check the network between. It is tried again by itself.',
    ],
    [
      'in a region that the media does not reach',
      withOutputs(
        output({ regionId: 'europe' }),
        page({ endpoints: [source(), sink({ condition: 'no-input', state: 'waiting' })] }),
      ),
      'Media arrives in Asia but does not reach the relay in Europe: the link between the two is broken. It is made again by itself; if it stays broken, check the log of the host.',
    ],
    [
      'whose datagrams cannot be sent',
      withOutputs(
        rtpOutput(),
        page({ endpoints: [source(), sink({ condition: 'unacknowledged', since: NOW - 4000 })] }),
      ),
      'Nothing could be sent to rtp://239.0.0.1:5004 for 7 s. Check the address, and that the host of the relay has a route to it.',
    ],
    [
      'whose relay is silent',
      page({ endpoints: [source(), listening({ pipeline: 'backup' })], relayLost: true }),
      'Its relay has not reported for some seconds: media may still flow, but nobody can tell.',
    ],
  ])('%s says what is wrong and what to do', (_of, seen, sentence) => expect(said(seen)).toEqual([sentence]));

  it('is silent where only its input brings nothing', () => {
    expect(said(withInput([]))).toEqual([]);
  });

  it('is silent while its first call is under way', () => {
    expect(said(withOutput({ condition: 'dialling', since: NOW - 900 }))).toEqual([]);
  });
});

describe('the doctor', () => {
  it('says nothing of a flow in good health, of one that starts, and of one that stops', () => {
    expect(said(page())).toEqual([]);
    expect(said(page({ state: 'starting', endpoints: [] }))).toEqual([]);
    expect(said(page({ state: 'stopping', endpoints: [listening()], events: [refused('passphrase-wrong')] }))).toEqual(
      [],
    );
  });

  it('names first what is bad, and of that the input', () => {
    const found = diagnose(
      page({ endpoints: [listening(incident('passphrase-wrong')), failing(incident('no-answer', 1, undefined))] }),
    );
    expect(found).toHaveLength(2);
    expect(worstOf(found)).toMatchObject({ id: 'input', tone: 'bad' });
    expect(worstOf([])).toBeUndefined();
  });

  it('speaks Chinese', () => {
    const spoken = inLanguage('zh-CN', () => said(withInput([refused('passphrase-wrong')]))[0]);
    expect(spoken).toContain('203.0.113.7');
    expect(spoken).toMatch(/\p{Script=Han}/u);
    expect(spoken).not.toContain('encoder');
  });

  it('never throws, leaves no place in a sentence open, and says one thing of an end at most', () => {
    const random = seeded(20_261_124);
    const pick = <T>(of: readonly T[]): T | undefined => of[Math.floor(random() * of.length)];
    const codes = [...Object.keys(sentences), 'of-another-version'];
    for (let round = 0; round < 3000; round++) {
      const seen = anyPage(random, pick, codes);
      const found = diagnose(seen);
      expect(new Set(found.map(({ id, pipeline }) => `${id} ${pipeline}`)).size).toBe(found.length);
      for (const { sentence } of found) expect(sentence).not.toMatch(/[{}]|NaN|undefined/);
    }
  });
});

/** Marsaglia's xorshift32: the same rounds each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
}

type Pick = <T>(of: readonly T[]) => T | undefined;

function anyPage(random: () => number, pick: Pick, codes: readonly string[]): FlowPage {
  const pipelines = ['primary', 'backup'] as const;
  const inputs = [input(), rtmpInput(), rtpInput()];
  const outputs = [output(), rtmpOutput(), rtpOutput(), output({ regionId: 'europe' })];
  const perhaps = <T>(value: T): T | undefined => (random() < 0.5 ? value : undefined);
  const seconds = (): number => Math.floor(random() * 400);
  const code = () => pick(incidents) ?? 'idle';
  const end = (role: 'source' | 'sink', id: string) =>
    source({
      ...{ role, id, pipeline: pick(pipelines), condition: pick(conditions), since: NOW - seconds() * 1000 },
      ...{ peer: perhaps(peer), packets: Math.floor(random() * 3), over: random() < 0.2, bitrate: random() * 2e7 },
      incident: perhaps({ code: code(), at: NOW - seconds() * 1000, peer: perhaps(peer) }),
    });
  const line = () =>
    logEvent({
      ...{ code: pick(codes), at: NOW - seconds() * 1000, pipeline: pick(pipelines), peer: perhaps(peer) },
      ...(random() < 0.4 ? ofOutput : random() < 0.2 ? { role: 'flow' as const, endpointId: 'flow' } : {}),
      facts: {
        ...(random() < 0.8 && { cause: random() < 0.9 ? code() : 'of-another-version', lost: 3, dropped: 4 }),
        ...(random() < 0.5 && { relay: 'asia-1', pipeline: 'primary', before: 'H.264', triedForMs: 9 }),
      },
    });
  const verdict = pick(['too-short', 'short', 'enough', 'enough-yet-dropped', 'unknown'] as const) ?? 'enough';
  return page({
    flow: flow({ input: pick(inputs), outputs: [pick(outputs) ?? output()] }),
    state: pick(['idle', 'starting', 'running', 'running', 'running', 'stopping'] as const),
    endpoints: [end('source', 'input'), end('source', 'input'), end('sink', 'output-1')].filter(() => random() < 0.8),
    relayLost: random() < 0.2,
    events: perhaps(Array.from({ length: Math.floor(random() * 8) }, line)),
    readings: [
      reading('input', {
        tracks: [track('video', 0), track('video', 25), track('audio', 47)].filter(() => random() < 0.5),
        latency: perhaps({ ...advice(verdict, Math.floor(random() * 3)) }),
      }),
    ],
  });
}
