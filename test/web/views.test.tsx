import { describe, expect, it } from 'vitest';
import { pushCommands } from '../../web/views/commands.ts';
import type { Input } from '../../db/model.ts';
import { type MediaEvent, type MediaEventCode, mediaEvents } from '../../relay/contract/messages.ts';
import { destinationText } from '../../web/views/destination.ts';
import { LiveEnd } from '../../web/views/live-end.tsx';
import { inputEnd, statusOf } from '../../web/views/status.ts';
import { bandwidthText, bitrateText, utcText } from '../../web/views/units.ts';
import { english } from '../../web/views/words.ts';
import { endpoint } from '../kit/console-house.ts';
import { flow, input, output, rtmpInput, rtmpOutput, rtpInput, rtpOutput } from '../kit/samples.ts';

const address = 'srt://relay.example.net:9001';
const linesOf = (...given: Parameters<typeof pushCommands>) => pushCommands(...given).map(({ line }) => line);

describe('a command to push with', () => {
  it('by SRT gives ffmpeg the latency in µs and the others in ms', () => {
    expect(linesOf(input(), address)).toEqual([
      'ffmpeg -re -i clip.ts -map 0 -c copy -f mpegts "srt://relay.example.net:9001?mode=caller&latency=120000&pkt_size=1316"',
      'srt-live-transmit "udp://:5000" "srt://relay.example.net:9001?mode=caller&latency=120"',
      'gst-launch-1.0 filesrc location=clip.ts ! tsparse set-timestamps=true alignment=7 ! srtsink uri="srt://relay.example.net:9001?mode=caller&latency=120"',
    ]);
  });

  it('has a place for the key but never the key, and its length in bytes', () => {
    const secret = 'correct horse battery';
    for (const line of linesOf(input({ encryption: { passphrase: secret, keyLength: 256 } }), address)) {
      expect(line).toContain('&passphrase=YOUR_KEY&pbkeylen=32');
      expect(line).not.toContain(secret);
    }
  });

  it('by SRT has a place for the stream ID, which programs read in different ways', () => {
    for (const line of linesOf(input({ streamId: '#!::r=gate&x' }), address))
      expect(line).toContain('&streamid=STREAM_ID"');
  });

  it('by RTMP has a place for the stream key but never the key', () => {
    const lines = linesOf(rtmpInput(), 'rtmp://relay.example.net:1935/flow-1');
    expect(lines[0]).toBe('ffmpeg -re -i clip.ts -c copy -f flv "rtmp://relay.example.net:1935/flow-1/STREAM_KEY"');
    for (const line of lines) expect(line).not.toContain('key-of');
  });

  it('by RTP fits seven packets and the header into a datagram', () => {
    expect(linesOf(rtpInput(), 'rtp://relay.example.net:9000')).toEqual([
      'ffmpeg -re -i clip.ts -map 0 -c copy -f rtp_mpegts "rtp://relay.example.net:9000?pkt_size=1328"',
      'gst-launch-1.0 filesrc location=clip.ts ! tsparse set-timestamps=true alignment=7 ! rtpmp2tpay ! udpsink host=relay.example.net port=9000',
    ]);
  });

  it('by bare UDP fits seven packets, and gives an IPv6 host without brackets where that is wanted', () => {
    expect(linesOf(rtpInput({ bareTs: true }), 'udp://[2001:db8::1]:9000')).toEqual([
      'ffmpeg -re -i clip.ts -map 0 -c copy -f mpegts "udp://[2001:db8::1]:9000?pkt_size=1316"',
      'gst-launch-1.0 filesrc location=clip.ts ! tsparse set-timestamps=true alignment=7 ! udpsink host=2001:db8::1 port=9000',
    ]);
  });
});

describe('a destination', () => {
  it.each([
    [output(), '198.51.100.1:9000'],
    [output({ destinations: { primary: { host: '2001:db8::1', port: 9000 } } }), '[2001:db8::1]:9000'],
    [rtmpOutput(), 'rtmps://live.example.com/app'],
    [rtpOutput(), 'rtp://239.0.0.1:5004'],
    [rtpOutput({ bareTs: true }), 'udp://239.0.0.1:5004'],
  ])('is read as what it is: %#', (made, text) => {
    expect([destinationText(made, 'primary'), destinationText(made, 'backup')]).toEqual([text, undefined]);
  });
});

describe('the sentence of an event', () => {
  const said = (code: MediaEventCode, facts: MediaEvent['facts'] = {}) =>
    english.event({ at: 0, flowId: 'f', pipeline: 'primary', endpoint: 'input', code, facts });

  it.each<[MediaEventCode, MediaEvent['facts'], string]>([
    [
      'failover',
      { to: 'backup', cause: 'input-lost', gapMs: 512 },
      'Switched to backup: no media from primary for 512 ms.',
    ],
    [
      'failover',
      { to: 'primary', cause: 'preferred-back', gapMs: 0 },
      'Switched back to primary: its media has been well for 5 s.',
    ],
    ['failover', { to: 'backup', cause: 'by-operator', gapMs: 0 }, 'Switched to backup by an operator.'],
    [
      'track-dropped',
      { codec: 'AC-3', pid: 258, reason: 'unsupported' },
      'AC-3 on PID 258 cannot go to RTMP and is left out.',
    ],
    ['track-dropped', { codec: 'AV1', reason: 'unsupported' }, 'AV1 cannot go to MPEG-TS and is left out.'],
    [
      'track-dropped',
      { codec: 'AAC', pid: 259, reason: 'extra' },
      'AAC on PID 259 is left out: RTMP carries one track of its kind.',
    ],
    ['program-chosen', { program: 1, others: '2, 3' }, 'Program 1 goes to RTMP; the others (2, 3) are left out.'],
    ['over-bandwidth', { bitrate: 12.4e6, limit: 10e6 }, 'Above the maximum bandwidth: 12.4 of 10 Mbps.'],
    [
      'capped',
      { dropped: 1312, limit: 10e6 },
      '1,312 packets or frames dropped above the maximum bandwidth of 10 Mbps.',
    ],
    ['source-restarted', { peer: '192.0.2.1' }, 'The encoder connected anew from 192.0.2.1.'],
    ['bad-media', { count: 1, fault: 'datagram' }, '1 damaged piece of media (datagram). The rest went on.'],
  ])('%s %j', (code, facts, sentence) => expect(said(code, facts)).toBe(sentence));

  it('is whole for every code, whatever facts a relay leaves out', () => {
    for (const code of mediaEvents) {
      expect(said(code)).toMatch(/^[A-Z].*\.$/);
      expect(said(code)).not.toMatch(/undefined|NaN/);
    }
  });

  it('says how often it came, and how many are not listed', () => {
    expect(said('no-keyframe', { times: 3, unreported: 20 })).toMatch(/\(3 times\) 20 more events/);
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
  const shown = (changes: Parameters<typeof endpoint>[1], made: Input = input()) => {
    const of = flow({ id: 'f1', running: true, input: made });
    const view = { flow: of, state: 'running', endpoints: [endpoint('f1', changes)], relayLost: false } as const;
    const status = statusOf(view, inputEnd(of, 'primary'));
    return (<LiveEnd id="end" status={status} protocol={made.protocol} cap={20_000_000} />).toString();
  };

  it('shows of RTMP and RTP nothing that they do not measure', () => {
    for (const made of [rtmpInput(), rtpInput()])
      expect(shown({ peer: { address: '192.0.2.1', port: 9 } }, made)).not.toMatch(
        /RTT|Latency|Encryption|Not reported</,
      );
  });

  it('counts frames of RTMP and packets of the others', () => {
    expect(shown({ dropped: 1 }, rtmpInput())).toContain('1 frame dropped');
    expect(shown({ dropped: 2 }, rtpInput())).toContain('2 packets dropped');
  });

  it('shows what waits for a slow peer, where something does', () => {
    expect(shown({ queueMs: 340 })).toContain('340 ms');
    expect(shown({ queueMs: 0 })).not.toContain('Waiting to be sent');
  });

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
