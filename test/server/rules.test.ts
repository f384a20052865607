import { describe, expect, it } from 'vitest';
import type { Flow, FlowState } from '../../db/model.ts';
import type { InputEdit, OutputEdit } from '../../server/drafts.ts';
import { editedInput, editedOutput, newOutput } from '../../server/edits.ts';
import { Refusal } from '../../server/refusal.ts';
import * as rules from '../../server/rules.ts';
import {
  failover,
  flow,
  flowDraft,
  input,
  output,
  outputDraft,
  regions,
  rtmpInput,
  rtmpOutput,
  rtpInput,
  rtpOutput,
} from '../kit/samples.ts';

const book: rules.RuleBook = {
  regions,
  bandwidths: [10_000_000, 20_000_000],
  publicHost: 'relay.example.net',
  isOurPort: (port) => port >= 20_000 && port < 20_010,
  isOurApp: (app) => app === 'flow-of-ours',
};
const notIdle: readonly FlowState[] = ['starting', 'running', 'stopping'];
const allStates: readonly FlowState[] = ['idle', ...notIdle];
const idle: FlowState = 'idle';
const withOutput: Flow = flow({ outputs: [output()] });
const encrypted: Flow = flow({ input: input({ encryption: { keyLength: 128, passphrase: '0123456789' } }) });

/** The code of the refusal, and the field and code of each of its faults; undefined where the rules say yes. */
function refusalOf(check: () => void): unknown {
  try {
    check();
  } catch (error) {
    if (error instanceof Refusal) return [error.code, ...error.faults.map(({ field, code }) => `${field}: ${code}`)];
    throw error;
  }
  return undefined;
}

describe('creating a flow', () => {
  const create = (changes: Parameters<typeof flowDraft>[0]) =>
    refusalOf(() => rules.checkNewFlow(book, flowDraft(changes)));
  const allow = (...allowlist: string[]) => create({ input: { ...flowDraft().input, allowlist } });

  it.each([10_000_000, 20_000_000])('is allowed at %s bit/s', (maxBitrate) => {
    expect(create({ maxBitrate })).toBeUndefined();
  });

  it('is refused in a region that is not offered', () => {
    expect(create({ regionId: 'moon' })).toEqual(['region-unknown', 'regionId: region-unknown']);
  });

  it.each([9_999_999, 50_000_000])('is refused at %s bit/s', (maxBitrate) => {
    expect(create({ maxBitrate })).toEqual(['bandwidth-not-offered', 'maxBitrate: bandwidth-not-offered']);
  });

  it('is refused with a range that is none', () => {
    expect(allow('10.0.0.0/8', '10.0.0.1')).toEqual(['cidr-invalid', 'input.allowlist.1: cidr-invalid']);
  });

  it('is refused with a range that has host bits', () => {
    expect(allow('10.0.0.1/8')).toEqual(['cidr-host-bits', 'input.allowlist.0: cidr-host-bits']);
  });

  it('names every range that is wrong', () => {
    expect(allow('10.0.0.1/8', '10.0.0.0/8', 'all')).toEqual([
      'cidr-host-bits',
      'input.allowlist.0: cidr-host-bits',
      'input.allowlist.2: cidr-invalid',
    ]);
  });
});

describe('editing an input', () => {
  const edit = (of: Flow, state: FlowState, change: InputEdit) =>
    refusalOf(() => rules.checkInputEdit(of, state, editedInput(of.input, change)));

  it.each(allStates)('may change name, description and allowlist while the flow is %s', (state) => {
    expect(edit(withOutput, state, { name: 'B', description: 'b', allowlist: ['10.0.0.0/8'] })).toBeUndefined();
  });

  it.each(allStates)('is refused with a wrong range while the flow is %s', (state) => {
    expect(edit(withOutput, state, { allowlist: ['10.0.0.1/8'] })).toEqual([
      'cidr-host-bits',
      'allowlist.0: cidr-host-bits',
    ]);
  });

  it('may change latency and key while the flow is idle', () => {
    expect(
      edit(withOutput, 'idle', { latencyMs: 500, encryption: { keyLength: 256, passphrase: '0123456789' } }),
    ).toBeUndefined();
  });

  it.each(notIdle)('may not change the latency while the flow is %s', (state) => {
    expect(edit(withOutput, state, { latencyMs: 500 })).toEqual(['input-locked', 'latencyMs: input-locked']);
  });

  it.each<[string, Flow, InputEdit['encryption']]>([
    ['turn encryption on', withOutput, { keyLength: 128, passphrase: '0123456789' }],
    ['turn encryption off', encrypted, null],
    ['change the key', encrypted, { keyLength: 128, passphrase: 'another key' }],
    ['change the key length', encrypted, { keyLength: 256 }],
  ])('may not %s while the flow runs', (_, of, encryption) => {
    expect(edit(of, 'running', { encryption })).toEqual(['input-locked', 'encryption: input-locked']);
  });

  it.each<[string, Flow, InputEdit]>([
    ['latency', withOutput, { latencyMs: 120 }],
    ['protocol', withOutput, { protocol: 'srt' }],
    ['absent encryption', withOutput, { encryption: null }],
    ['key length', encrypted, { encryption: { keyLength: 128 } }],
  ])('may repeat the %s while the flow runs', (_, of, change) => {
    expect(edit(of, 'running', change)).toBeUndefined();
  });

  const published = flow({ input: rtmpInput(), outputs: [output()] });

  it('may not change the protocol once the flow has an output', () => {
    expect(edit(published, 'idle', { protocol: 'srt' })).toEqual([
      'input-protocol-fixed',
      'protocol: input-protocol-fixed',
    ]);
  });

  it('may change the protocol of an idle flow without outputs', () => {
    expect(edit(flow({ input: rtmpInput() }), 'idle', { protocol: 'srt' })).toBeUndefined();
  });

  it.each(notIdle)('may not change the protocol while the flow is %s', (state) => {
    expect(edit(flow({ input: rtmpInput() }), state, { protocol: 'srt' })).toEqual([
      'input-locked',
      'protocol: input-locked',
    ]);
  });
});

describe('the link of an input', () => {
  const edit = (of: Flow, change: InputEdit) =>
    refusalOf(() => rules.checkInputEdit(of, 'running', editedInput(of.input, change)));
  const bare = flow({ input: rtpInput({ bareTs: true }) });
  const guarded = flow({ input: input({ failover }) });

  it.each<[string, Flow, InputEdit, string]>([
    ['bare TS', bare, { bareTs: false }, 'bareTs'],
    ['failover on', withOutput, { failover: { preferred: 'primary', autoReturn: true } }, 'failover'],
    ['failover off', guarded, { failover: null }, 'failover'],
  ])('is locked while the flow runs: %s', (_, of, change, field) => {
    expect(edit(of, change)).toEqual(['input-locked', `${field}: input-locked`]);
  });

  it.each<[string, Flow, InputEdit]>([
    ['which input is preferred', guarded, { failover: { preferred: 'backup', autoReturn: true } }],
    ['whether it returns by itself', guarded, { failover: { preferred: 'primary', autoReturn: false } }],
    ['bare TS as it is', bare, { bareTs: true }],
    ['no failover where there is none', withOutput, { failover: null }],
  ])('leaves free while the flow runs: %s', (_, of, change) => {
    expect(edit(of, change)).toBeUndefined();
  });
});

describe('switching to the other input', () => {
  const guarded = flow({ input: input({ failover }) });

  it.each<FlowState>(['starting', 'running'])('is allowed while the flow is %s', (state) => {
    expect(rules.checkSwitch(guarded, state)).toEqual(failover);
  });

  it.each<FlowState>(['idle', 'stopping'])('is refused while the flow is %s', (state) => {
    expect(refusalOf(() => rules.checkSwitch(guarded, state))).toEqual(['switch-idle']);
  });

  it('is refused without failover, whatever the state', () => {
    for (const state of allStates) expect(refusalOf(() => rules.checkSwitch(flow(), state))).toEqual(['no-failover']);
  });
});

describe('creating an output', () => {
  const create = (
    changes: Parameters<typeof outputDraft>[0],
    { of = flow(), state = idle }: { of?: Flow; state?: FlowState } = {},
  ) => refusalOf(() => rules.checkNewOutput(book, of, state, newOutput(outputDraft(changes), 'new')));
  const to = (host: string, port: number) => ({ destinations: { primary: { host, port } } });

  it('is allowed in any region on offer', () => {
    expect(regions.map(({ id }) => create({ regionId: id }))).toEqual([undefined, undefined]);
  });

  it.each(notIdle)('is refused while the flow is %s', (state) => {
    expect(create({}, { state })).toEqual(['output-locked']);
  });

  it('is refused in a region that is not offered', () => {
    expect(create({ regionId: 'moon' })).toEqual(['region-unknown', 'regionId: region-unknown']);
  });

  it.each(['127.0.0.1', '127.9.9.9', 'localhost', '::1', '::ffff:127.0.0.1', 'relay.example.net', 'RELAY.example.NET'])(
    'is refused to an input of ours at %s',
    (host) => {
      expect(create(to(host, 20_003))).toEqual([
        'destination-is-own-input',
        'destinations.primary.port: destination-is-own-input',
      ]);
    },
  );

  // A finding: these reach the same input.
  it.each(['0.0.0.0', '::'])('is refused to an input of ours at %s', (host) => {
    expect(create(to(host, 20_003))).toEqual([
      'destination-is-own-input',
      'destinations.primary.port: destination-is-own-input',
    ]);
  });

  it('is allowed to another port of this machine', () => {
    expect(create(to('127.0.0.1', 9000))).toBeUndefined();
  });

  it('is allowed to our port number on another machine', () => {
    expect(create(to('198.51.100.1', 20_003))).toBeUndefined();
  });

  it('is refused to a backup that is an input of ours', () => {
    const destinations = { primary: { host: 'a.example', port: 1 }, backup: { host: '127.0.0.1', port: 20_000 } };
    expect(create({ destinations })).toEqual([
      'destination-is-own-input',
      'destinations.backup.port: destination-is-own-input',
    ]);
  });

  it('is refused where primary and backup are one place', () => {
    const destinations = { primary: { host: 'a.example', port: 1 }, backup: { host: 'A.example', port: 1 } };
    expect(create({ destinations })).toEqual(['destination-taken', 'destinations.backup.port: destination-taken']);
  });

  it.each(['primary', 'backup'] as const)('is refused where another output already sends its %s', (pipeline) => {
    const taken = { primary: { host: 'a.example', port: 1 }, backup: { host: 'b.example', port: 1 } };
    const of = flow({ outputs: [output({ destinations: taken })] });
    expect(create({ destinations: { primary: taken[pipeline] } }, { of })).toEqual([
      'destination-taken',
      'destinations.primary.port: destination-taken',
    ]);
  });
});

describe('an output by RTP', () => {
  const make = (of: Flow) => refusalOf(() => rules.checkNewOutput(book, of, 'idle', rtpOutput({ id: 'new' })));

  it('is refused where the input is SRT', () => {
    expect(make(flow())).toEqual(['srt-to-rtp', 'protocol: srt-to-rtp']);
  });

  it.each([rtmpInput(), rtpInput()])('is allowed where the input is $protocol', (made) => {
    expect(make(flow({ input: made }))).toBeUndefined();
  });
});

describe('an output by RTMP', () => {
  const to = (url: string, streamKey = 'key') => ({ destinations: { primary: { url, streamKey } } });
  const make = (changes: Parameters<typeof rtmpOutput>[0], of: Flow = flow()) =>
    refusalOf(() => rules.checkNewOutput(book, of, 'idle', rtmpOutput({ id: 'new', ...changes })));

  it.each([
    'rtmp://127.0.0.1/flow-of-ours',
    'rtmp://[::1]:1940/flow-of-ours/',
    'rtmp://RELAY.example.net/flow-of-ours',
  ])('is refused to an input of ours at %s', (url) => {
    expect(make(to(url))).toEqual(['destination-is-own-input', 'destinations.primary.url: destination-is-own-input']);
  });

  it.each(['rtmp://127.0.0.1/live', 'rtmp://127.0.0.1:20003/live', 'rtmp://platform.example/flow-of-ours'])(
    'is allowed to %s',
    (url) => {
      expect(make(to(url))).toBeUndefined();
    },
  );

  it('is refused where another output already publishes with this key', () => {
    const of = flow({ outputs: [rtmpOutput({ id: 'other', ...to('rtmp://a.example/live') })] });
    expect(make(to('rtmp://A.example/live'), of)).toEqual([
      'destination-taken',
      'destinations.primary.url: destination-taken',
    ]);
    expect(make(to('rtmp://a.example/live', 'another key'), of)).toBeUndefined();
  });
});

describe('editing an output', () => {
  const one = output({ id: 'one', destinations: { primary: { host: 'a.example', port: 1 } } });
  const two = output({ id: 'two', destinations: { primary: { host: 'b.example', port: 2 } } });
  const edit = (change: OutputEdit, state: FlowState = 'idle') =>
    refusalOf(() => {
      rules.checkOutputEdit(state, one, change);
      rules.checkDestinations(book, flow({ outputs: [one, two] }), editedOutput(one, change));
    });

  it('may change name, latency, description and destinations', () => {
    const destinations = { primary: { host: 'c.example', port: 3 } };
    expect(edit({ name: 'B', latencyMs: 500, description: 'b', destinations })).toBeUndefined();
  });

  it.each(notIdle)('is refused while the flow is %s', (state) => {
    expect(edit({ name: 'B' }, state)).toEqual(['output-locked']);
  });

  it('may not change the region', () => {
    expect(edit({ regionId: 'europe' })).toEqual(['output-region-fixed', 'regionId: output-region-fixed']);
  });

  it('may not change the protocol', () => {
    expect(refusalOf(() => rules.checkOutputEdit('idle', rtmpOutput(), { protocol: 'srt' }))).toEqual([
      'output-protocol-fixed',
      'protocol: output-protocol-fixed',
    ]);
  });

  it('may repeat region, protocol and its own destination', () => {
    expect(edit({ regionId: 'asia', protocol: 'srt', destinations: one.destinations })).toBeUndefined();
  });

  it('may not take the destination of another output', () => {
    expect(edit({ destinations: two.destinations })).toEqual([
      'destination-taken',
      'destinations.primary.port: destination-taken',
    ]);
  });

  it('may not send to an input of ours', () => {
    expect(edit({ destinations: { primary: { host: 'localhost', port: 20_000 } } })).toEqual([
      'destination-is-own-input',
      'destinations.primary.port: destination-is-own-input',
    ]);
  });
});

describe('starting, deleting, and outputs of a flow', () => {
  it('does not start a flow without outputs', () => {
    expect(refusalOf(() => rules.checkStart(flow()))).toEqual(['no-output']);
  });

  it('starts a flow with an output', () => {
    expect(refusalOf(() => rules.checkStart(withOutput))).toBeUndefined();
  });

  it.each(notIdle)('deletes no flow that is %s', (state) => {
    expect(refusalOf(() => rules.checkDelete(state))).toEqual(['flow-not-idle']);
  });

  it('deletes an idle flow', () => {
    expect(refusalOf(() => rules.checkDelete('idle'))).toBeUndefined();
  });

  it.each(notIdle)('deletes no output of a flow that is %s', (state) => {
    expect(refusalOf(() => rules.checkOutputsOpen(state))).toEqual(['output-locked']);
  });
});
