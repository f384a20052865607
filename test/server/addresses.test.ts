import { describe, expect, it } from 'vitest';
import { pushAddress } from '../../server/addresses.ts';
import { flow, input, rtmpInput, rtpInput } from '../kit/samples.ts';

const places = { publicHost: 'relay.example.net', rtmpPort: (relayId: string) => (relayId === 'asia-1' ? 1935 : 1936) };

describe('the address to push to', () => {
  it.each([
    ['SRT', input(), 'srt://relay.example.net:20000', 'srt://relay.example.net:20001'],
    ['RTMP', rtmpInput(), 'rtmp://relay.example.net:1935/flow-1', 'rtmp://relay.example.net:1936/flow-1'],
    ['RTP', rtpInput(), 'rtp://relay.example.net:20000', 'rtp://relay.example.net:20001'],
    ['bare TS', rtpInput({ bareTs: true }), 'udp://relay.example.net:20000', 'udp://relay.example.net:20001'],
  ])('by %s names the port of each pipeline', (_, made, primary, backup) => {
    const of = flow({ input: made });
    expect([pushAddress(of, 'primary', places), pushAddress(of, 'backup', places)]).toEqual([primary, backup]);
  });

  it('has no stream key in it', () => {
    expect(pushAddress(flow({ input: rtmpInput() }), 'primary', places)).not.toContain('key-of-primary');
  });

  it('has an IPv6 host in brackets', () => {
    expect(pushAddress(flow(), 'primary', { ...places, publicHost: '2001:db8::7' })).toBe('srt://[2001:db8::7]:20000');
  });
});
