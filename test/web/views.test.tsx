import { describe, expect, it } from 'vitest';
import { inputAddress, pushCommands } from '../../web/views/commands.ts';
import { LiveEnd } from '../../web/views/live-end.tsx';
import { inputEnd, statusOf } from '../../web/views/status.ts';
import { bandwidthText, bitrateText, hostPort, utcText } from '../../web/views/units.ts';
import { endpoint, flowDraft } from '../kit/console-house.ts';

const input = { ...flowDraft('News').input, id: 'i1', ports: { primary: 9000, backup: 9001 } };

describe('a command to push with', () => {
  it('gives ffmpeg the latency in µs and srt-live-transmit in ms', () => {
    expect(pushCommands(input, 'backup', 'relay.example.net').map(({ line }) => line)).toEqual([
      'ffmpeg -re -i clip.ts -map 0 -c copy -f mpegts "srt://relay.example.net:9001?mode=caller&latency=120000&pkt_size=1316"',
      'srt-live-transmit "udp://:5000" "srt://relay.example.net:9001?mode=caller&latency=120"',
    ]);
  });

  it('has a place for the key but never the key, and its length in bytes', () => {
    const secret = 'correct horse battery';
    const encrypted = { ...input, encryption: { passphrase: secret, keyLength: 256 as const } };
    for (const { line } of pushCommands(encrypted, 'primary', 'relay.example.net')) {
      expect(line).toContain('&passphrase=YOUR_KEY&pbkeylen=32');
      expect(line).not.toContain(secret);
    }
  });

  it('writes an IPv6 host in brackets', () => {
    expect(inputAddress('2001:db8::1', 9000)).toBe('srt://[2001:db8::1]:9000');
    expect(hostPort('192.0.2.1', 9000)).toBe('192.0.2.1:9000');
  });
});

describe('a number', () => {
  it.each([
    [0, '0.00 Mbps'],
    [999_400, '999 kbps'],
    [8_020_000, '8.02 Mbps'],
  ])('of %i bit/s reads %s', (bitrate, text) => expect(bitrateText(bitrate)).toBe(text));

  it('of a bandwidth has no decimals that it does not need', () => {
    expect([bandwidthText(20_000_000), bandwidthText(2_500_000)]).toEqual(['20 Mbps', '2.5 Mbps']);
  });

  it('of a moment is UTC until a browser has seen it', () => {
    expect(utcText(Date.UTC(2026, 10, 24, 3, 12, 45))).toBe('2026-11-24 03:12:45 UTC');
  });
});

describe('a live end', () => {
  const shown = (changes: Parameters<typeof endpoint>[1]) => {
    const { input: _input, ...fields } = flowDraft('News');
    const flow = { ...fields, id: 'f1', running: true, revision: 1, createdAt: 0, hops: [], outputs: [], input };
    const status = statusOf(
      { flow, state: 'running', endpoints: [endpoint('f1', changes)], relayLost: false },
      inputEnd('primary'),
    );
    return (<LiveEnd id="end" status={status} cap={20_000_000} />).toString();
  };

  it('shows what was agreed and measured', () => {
    const markup = shown({ peer: { address: '203.0.113.50', port: 51822 }, keyLength: 256 });
    for (const part of ['Connected', '8.02 Mbps', '23.4 ms', '120 ms', 'AES-256', '203.0.113.50:51822'])
      expect(markup).toContain(part);
  });

  it('shows no bitrate of an end that waits', () => {
    expect(shown({ state: 'waiting', condition: 'listening' })).not.toContain('Mbps');
  });

  it('warns of a source above the bandwidth, and counts what is dropped', () => {
    const markup = shown({ over: true, dropped: 3120 });
    expect(markup).toContain('maximum bandwidth of 20 Mbps.');
    expect(markup).toContain('3,120 packets dropped');
    expect(shown({ lost: 12 })).toContain('12 packets lost');
    expect(shown({ lost: 12 })).not.toContain('dropped');
  });

  it('tells the last incident with its time, its peer and the next step', () => {
    const at = Date.UTC(2026, 10, 24, 3, 0, 0);
    const peer = { address: '198.51.100.9', port: 40112 };
    const markup = shown({
      state: 'waiting',
      condition: 'listening',
      incident: { code: 'passphrase-wrong', at, peer },
    });
    expect(markup).toContain('Refused: wrong passphrase');
    expect(markup).toContain('(198.51.100.9:40112)');
    expect(markup).toContain(
      '<time datetime="2026-11-24T03:00:00.000Z" data-local="true">2026-11-24 03:00:00 UTC</time>',
    );
    expect(markup).toContain('Compare the key on the encoder');
  });
});
