import { describe, expect, it } from 'vitest';
import {
  flowDraftSchema,
  type InputEdit,
  type OutputEdit,
  outputDraftSchema,
  parseDraft,
} from '../../server/drafts.ts';
import { editedInput, editedOutput, newInput, newOutput } from '../../server/edits.ts';
import { Refusal } from '../../server/refusal.ts';
import { failover, input, output, rtmpInput, rtmpOutput, rtpInput, rtpOutput } from '../kit/samples.ts';

const place = { id: 'new', ports: { primary: 1, backup: 2 } };
const made = (link: object) => {
  const draft = { name: 'News', regionId: 'asia', maxBitrate: 1, input: { name: 'Camera', ...link } };
  return newInput(parseDraft(flowDraftSchema, draft).input, place);
};

/** Field and code of the fault. */
function faultOf(edit: () => unknown): string | undefined {
  try {
    edit();
  } catch (error) {
    if (error instanceof Refusal) return error.faults.map(({ field, code }) => `${field}: ${code}`).join();
    throw error;
  }
  return undefined;
}

const base = { ...place, name: 'Camera', description: '', allowlist: ['0.0.0.0/0'] };

describe('a new input', () => {
  it.each([
    [{ protocol: 'srt' }, { protocol: 'srt', latencyMs: 120 }],
    [
      { protocol: 'rtp', bareTs: true },
      { protocol: 'rtp', bareTs: true },
    ],
    [{ protocol: 'rtp' }, { protocol: 'rtp', bareTs: false }],
  ])('of %j has what its protocol needs, and nothing else', (draft, link) => {
    expect(made(draft)).toEqual({ ...base, ...link });
  });

  it('by RTMP is given two keys that nobody can guess', () => {
    const keysOf = () => {
      const one = made({ protocol: 'rtmp' });
      return one.protocol === 'rtmp' ? Object.values(one.streamKeys) : [];
    };
    const keys = Array.from({ length: 50 }, keysOf).flat();
    expect(new Set(keys).size).toBe(100);
    for (const key of keys) expect(key).toMatch(/^[\w-]{24}$/);
  });

  it('by RTMP is given one key for both pipelines where that is asked for', () => {
    const one = made({ protocol: 'rtmp', oneStreamKey: true });
    const keys = one.protocol === 'rtmp' ? Object.values(one.streamKeys) : [];
    expect([keys.length, new Set(keys).size]).toEqual([2, 1]);
  });

  it('with failover has had no order yet', () => {
    expect(made({ protocol: 'rtmp', failover: { preferred: 'backup', autoReturn: false } }).failover).toEqual({
      preferred: 'backup',
      autoReturn: false,
      order: 0,
    });
  });
});

describe('an edit of an input', () => {
  const all = {
    latencyMs: 500,
    encryption: { keyLength: 128, passphrase: '0123456789' },
    bareTs: true,
    oneStreamKey: true,
    idleTimeoutMs: 3000,
    streamId: 'gate',
  } as const;

  it.each<['srt' | 'rtmp' | 'rtp', keyof typeof all]>([
    ['srt', 'bareTs'],
    ['srt', 'oneStreamKey'],
    ['srt', 'idleTimeoutMs'],
    ['rtmp', 'latencyMs'],
    ['rtmp', 'encryption'],
    ['rtmp', 'bareTs'],
    ['rtmp', 'idleTimeoutMs'],
    ['rtmp', 'streamId'],
    ['rtp', 'streamId'],
    ['rtp', 'latencyMs'],
    ['rtp', 'encryption'],
    ['rtp', 'oneStreamKey'],
  ])('by %s has no field %s', (protocol, field) => {
    const kept = { srt: input(), rtmp: rtmpInput(), rtp: rtpInput() }[protocol];
    expect(faultOf(() => editedInput(kept, { [field]: all[field] }))).toBe(`${field}: field-of-other-protocol`);
  });

  it.each<[string, ReturnType<typeof input> | ReturnType<typeof rtmpInput> | ReturnType<typeof rtpInput>, InputEdit]>([
    ['srt', input(), { latencyMs: 500 }],
    ['srt', input({ streamId: 'gate' }), { latencyMs: 500 }],
    ['srt', input({ streamId: 'gate' }), { streamId: 'door' }],
    ['rtp', rtpInput(), { bareTs: true }],
    ['rtp', rtpInput({ bareTs: true, idleTimeoutMs: 9000 }), { idleTimeoutMs: 3000 }],
    ['rtp', rtpInput({ idleTimeoutMs: 9000 }), { description: 'mended' }],
    ['rtmp', rtmpInput(), { description: 'mended' }],
  ])('by %s changes that and nothing else', (_, kept, edit) => {
    expect(editedInput(kept, edit)).toEqual({ ...kept, ...edit });
  });

  it('keeps the stream keys, which encoders are set to', () => {
    const kept = rtmpInput();
    expect(editedInput(kept, { name: 'Other', protocol: 'rtmp' })).toEqual({ ...kept, name: 'Other' });
  });

  it('gives the backup the stream key of the primary where one key is asked for', () => {
    const edited = editedInput(rtmpInput(), { oneStreamKey: true });
    expect(edited).toMatchObject({ streamKeys: { primary: 'key-of-primary', backup: 'key-of-primary' } });
  });

  it('to another protocol begins anew: the old one’s settings and secrets are gone', () => {
    const encrypted = input({ encryption: { keyLength: 128, passphrase: '0123456789' }, latencyMs: 500 });
    const rtmp = editedInput(encrypted, { protocol: 'rtmp' });
    expect(Object.keys(rtmp)).not.toEqual(expect.arrayContaining(['encryption']));
    expect(rtmp).not.toHaveProperty('latencyMs');
    expect(editedInput(rtmp, { protocol: 'srt' })).toMatchObject({ protocol: 'srt', latencyMs: 120 });
    expect(editedInput(rtmp, { protocol: 'srt' })).not.toHaveProperty('encryption');
  });

  it('to another protocol may bring its fields along', () => {
    expect(editedInput(rtmpInput(), { protocol: 'rtp', bareTs: true })).toMatchObject({
      protocol: 'rtp',
      bareTs: true,
    });
  });

  it('leaves failover as it is, turns it off with null, and never takes back an order', () => {
    const guarded = input({ failover: { ...failover, order: 4 } });
    expect(editedInput(guarded, { name: 'x' }).failover).toEqual({ ...failover, order: 4 });
    expect(editedInput(guarded, { failover: null }).failover).toBeUndefined();
    expect(editedInput(guarded, { failover: { preferred: 'backup', autoReturn: false } }).failover).toEqual({
      preferred: 'backup',
      autoReturn: false,
      order: 4,
    });
  });
});

describe('a new output', () => {
  it.each([
    {
      protocol: 'rtmp',
      destinations: { primary: { url: 'rtmp://a.example/live', streamKey: 'k?x=1' } },
    },
    { protocol: 'rtp', destinations: { primary: { host: '239.0.0.1', port: 5004 } }, ttl: 3, bareTs: true },
  ])('by $protocol is what was sent', (link) => {
    const draft = parseDraft(outputDraftSchema, { name: 'Studio', regionId: 'asia', ...link });
    expect(newOutput(draft, 'id')).toEqual({ id: 'id', name: 'Studio', regionId: 'asia', description: '', ...link });
  });
});

describe('an edit of an output', () => {
  const hostPort = { primary: { host: 'a.example', port: 1 } };
  const urls = { primary: { url: 'rtmp://a.example/live' } };

  it.each<['srt' | 'rtmp' | 'rtp', string, OutputEdit]>([
    ['srt', 'ttl', { ttl: 3 }],
    ['srt', 'bareTs', { bareTs: true }],
    ['srt', 'destinations', { destinations: urls }],
    ['rtmp', 'latencyMs', { latencyMs: 500 }],
    ['rtmp', 'encryption', { encryption: { keyLength: 128 } }],
    ['rtmp', 'ttl', { ttl: 3 }],
    ['rtmp', 'bareTs', { bareTs: false }],
    ['rtmp', 'destinations', { destinations: hostPort }],
    ['rtp', 'latencyMs', { latencyMs: 500 }],
    ['rtp', 'encryption', { encryption: { keyLength: 128 } }],
    ['rtp', 'destinations', { destinations: urls }],
  ])('by %s has no such field: %s', (protocol, field, edit) => {
    const kept = { srt: output(), rtmp: rtmpOutput(), rtp: rtpOutput() }[protocol];
    expect(faultOf(() => editedOutput(kept, edit))).toBe(`${field}: field-of-other-protocol`);
  });

  it('by RTP changes TTL, format and destination', () => {
    const edit = { ttl: 3, bareTs: true, destinations: hostPort };
    expect(editedOutput(rtpOutput(), edit)).toEqual({ ...rtpOutput(), ...edit });
  });

  it('by RTMP keeps a stream key that is left out, each on its own', () => {
    const kept = rtmpOutput({
      destinations: {
        primary: { url: 'rtmp://a.example/live', streamKey: 'one' },
        backup: { url: 'rtmp://b.example/live', streamKey: 'two' },
      },
    });
    const destinations = {
      primary: { url: 'rtmp://c.example/live' },
      backup: { url: 'rtmp://d.example/live', streamKey: 'three' },
    };
    expect(editedOutput(kept, { destinations }).destinations).toEqual({
      primary: { url: 'rtmp://c.example/live', streamKey: 'one' },
      backup: { url: 'rtmp://d.example/live', streamKey: 'three' },
    });
  });

  it('by RTMP needs a key for a backup that is new', () => {
    const destinations = { ...urls, backup: { url: 'rtmp://b.example/live' } };
    expect(faultOf(() => editedOutput(rtmpOutput(), { destinations }))).toBe(
      'destinations.backup.streamKey: stream-key-needed',
    );
  });

  it('by RTMP lets a backup go that is left out, and its key with it', () => {
    const two = {
      primary: { url: 'rtmp://a/live', streamKey: 'one' },
      backup: { url: 'rtmp://b/live', streamKey: 'two' },
    };
    const one = editedOutput(rtmpOutput({ destinations: two }), { destinations: urls });
    expect(one.destinations).not.toHaveProperty('backup');
  });
});
