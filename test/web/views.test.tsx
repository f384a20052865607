import { describe, expect, it } from 'vitest';
import { pushCommands } from '../../web/views/commands.ts';
import type { Input } from '../../db/model.ts';
import { destinationText } from '../../web/views/destination.ts';
import type { EndpointHealth } from '../../relay/contract/health.ts';
import { LiveEnd } from '../../web/views/live-end.tsx';
import type { EndNow, FlowPage, LatencyNow } from '../../web/views/props.ts';
import { inputEnd, statusOf } from '../../web/views/status.ts';
import { bandwidthText, bitrateText, durationText, utcText } from '../../web/views/units.ts';
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

describe('a number', () => {
  it.each([
    [0, '0.00 Mbps'],
    [999_400, '999 kbps'],
    [8_020_000, '8.02 Mbps'],
  ])('of %i bit/s reads %s', (bitrate, text) => expect(bitrateText(bitrate)).toBe(text));

  it('of a bandwidth has no decimals that it does not need', () => {
    expect([bandwidthText(20_000_000), bandwidthText(2_500_000)]).toEqual(['20 Mbps', '2.5 Mbps']);
  });

  it.each([
    [520, '520 ms'],
    [3400, '3.4 s'],
    [12_300, '12 s'],
    [59_700, '1 min'],
    [125_000, '2 min 5 s'],
    [7_380_000, '2 h 3 min'],
    [349_200_000, '4 d 1 h'],
  ])('of %i ms reads %s', (ms, text) => expect(durationText(ms)).toBe(text));

  it('of a moment is UTC until a browser has seen it', () => {
    expect(utcText(Date.UTC(2026, 10, 24, 3, 12, 45))).toBe('2026-11-24 03:12:45 UTC');
  });
});

describe('a live end', () => {
  const NOW = Date.UTC(2026, 10, 24, 3, 16, 5);
  const pageGround = {
    addresses: { primary: '', backup: '' },
    regions: [],
    events: [],
    at: NOW,
    readings: [],
    failingSince: undefined,
  };
  const endOf = (page: FlowPage, made: Input) => {
    const end = inputEnd(page.flow, 'primary');
    return (
      <LiveEnd id="end" page={page} end={end} status={statusOf(page, end)} protocol={made.protocol} />
    ).toString();
  };
  const shown = (
    changes: Parameters<typeof endpoint>[1],
    made: Input = input(),
    readings: readonly EndpointHealth[] = [],
  ) => {
    const of = flow({ id: 'f1', running: true, input: made, maxBitrate: 20_000_000 });
    const view = { flow: of, state: 'running', endpoints: [endpoint('f1', changes)], relayLost: false } as const;
    return endOf({ ...pageGround, ...view, readings }, made);
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

  it('says since when, how old the last frame is, and what passes, in words', () => {
    const reading = (frameAgeMs: number): EndpointHealth => ({
      flowId: 'f1',
      pipeline: 'primary',
      id: 'input',
      values: { frameAgeMs },
      tracks: [
        {
          id: 'pid 256',
          kind: 'video',
          codec: 'H.264',
          profile: 'High',
          width: 1920,
          height: 1080,
          values: { frameRate: 25, bitrate: 4_800_000 },
        },
        {
          id: 'pid 257',
          kind: 'audio',
          codec: 'AAC',
          sampleRate: 48_000,
          channels: 2,
          language: 'eng',
          values: { frameRate: 46.875, bitrate: 128_000 },
        },
      ],
    });
    const peer = { address: '203.0.113.50', port: 51822 };
    const markup = shown({ peer, reconnects: 2 }, input(), [reading(40)]);
    for (const part of [
      '(3 min 20 s)',
      'Less than 1 s ago',
      'Video H.264 High 1920×1080 · PID 256',
      '25.00 frames/s, 4.80 Mbps',
      'Audio AAC 48 kHz stereo (eng) · PID 257',
      'Reconnects since the start</dt><dd>2<',
    ])
      expect(markup).toContain(part);
    const stalled = shown({ peer, state: 'waiting', condition: 'stalled' }, input(), [reading(4200)]);
    expect(stalled).toContain('4 s ago');
    expect(stalled).not.toContain('Connected since');
  });

  it('suggests a latency for a link of SRT with its reason, or says that it is too early', () => {
    const peer = { address: '203.0.113.50', port: 51822 };
    const link = (latency: LatencyNow): EndNow => ({
      flowId: 'f1',
      pipeline: 'primary',
      id: 'input',
      values: {},
      tracks: [],
      latency,
    });
    const advice = {
      seconds: 300,
      suggestedMs: 320,
      rttMs: 40,
      roundTrips: 8,
      meanLoss: 0.012,
      worstLoss: 0.21,
      dropped: 1,
      inForceMs: 120,
      verdict: 'too-short',
    } as const;
    const markup = shown({ peer }, input(), [link({ seconds: 300, advice })]);
    for (const part of [
      'Suggested latency: 320 ms</strong>, in force: 120 ms. Too short',
      '8 round trips of 40 ms. In the last 300 s, 1.2 % was lost on the way, repaired or not; in the worst second 21.0 %.',
      '1 packet came too late and is missing for good.',
    ])
      expect(markup).toContain(part);
    expect(shown({ peer }, input(), [link({ seconds: 12, advice: undefined })])).toContain('12 s of the last 5 min');
  });

  it('shows nothing of tracks and frames that no reading vouches for', () => {
    expect(shown({ peer: { address: '203.0.113.50', port: 51822 } })).not.toMatch(/Last frame|track/i);
  });

  it('counts down to the next attempt', () => {
    const markup = shown({ state: 'waiting', condition: 'backing-off', retryAt: NOW + 4300 });
    expect(markup).toContain('Next attempt in 4 s');
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
