import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FlowState } from '../../db/model.ts';
import { chinese } from '../../web/views/chinese.ts';
import { chineseForms } from '../../web/views/chinese-forms.ts';
import { encoderGuides } from '../../web/views/encoders.ts';
import { keyOf } from '../../web/client/made-key.ts';
import { InputPanel } from '../../web/views/input.tsx';
import { inLanguage, t } from '../../web/views/language.ts';
import type { EndNow, FlowPage } from '../../web/views/props.ts';
import { LiveSetup } from '../../web/views/setup.tsx';
import { endpoint } from '../kit/console-house.ts';
import { flow, input, output, rtmpInput, rtpInput } from '../kit/samples.ts';

const views = join(import.meta.dirname, '../../web/views');
const SECRET = 'correct horse battery';

const pageOf = (changes: Partial<FlowPage> & { readonly state: FlowState }): FlowPage => ({
  flow: flow({ input: input({ encryption: { passphrase: SECRET, keyLength: 256 } }) }),
  endpoints: [],
  relayLost: false,
  addresses: { primary: 'srt://relay.example.net:9001', backup: 'srt://relay.example.net:9002' },
  regions: [],
  events: [],
  at: 0,
  readings: [],
  failingSince: undefined,
  ...changes,
});

const textOf = (markup: { toString(): string | Promise<string> }): string =>
  String(markup)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');

describe('the way to air', () => {
  const setup = (changes: Parameters<typeof pageOf>[0]): string => textOf(<LiveSetup page={pageOf(changes)} />);
  const withOutput = flow({ outputs: [output()] });

  it('asks for an output first, and offers no start before it', () => {
    const markup = String(<LiveSetup page={pageOf({ state: 'idle' })} />);
    expect(textOf(markup)).toContain('Add an output (to do now)');
    expect(markup).not.toContain('setup-start');
  });

  it('then offers to start, and says that nobody listens before', () => {
    const markup = String(<LiveSetup page={pageOf({ state: 'idle', flow: withOutput })} />);
    expect(markup).toContain('id="setup-start"');
    expect(textOf(markup)).toContain('an encoder that pushes now gets no answer');
  });

  it('says of RTMP, whose port is open for other flows, that an encoder is refused', () => {
    expect(setup({ state: 'idle', flow: flow({ input: rtmpInput() }) })).toContain('is refused');
  });

  it('says that nobody has called only where a relay vouches for it', () => {
    const listening = endpoint('flow-1', { state: 'waiting', condition: 'listening' });
    expect(setup({ state: 'running', flow: withOutput, endpoints: [listening] })).toContain('Nobody has called yet.');
    expect(setup({ state: 'running', flow: withOutput })).not.toContain('Nobody has called');
  });

  it('names the format that the newest reading found, and which input is silent', () => {
    const reading: EndNow = {
      flowId: 'flow-1',
      pipeline: 'primary',
      id: 'input',
      values: {},
      tracks: [
        { id: 'pid 256', kind: 'video', codec: 'H.264', width: 1920, height: 1080, values: { frameRate: 25 } },
        { id: 'pid 257', kind: 'audio', codec: 'AAC', sampleRate: 48_000, channels: 2, values: {} },
      ],
    };
    const readings = [reading];
    const said = setup({ state: 'running', flow: withOutput, endpoints: [endpoint('flow-1')], readings });
    expect(said).toContain('Your stream is here.');
    expect(said).toContain('Video H.264 1920×1080, 25.00 frames/s; Audio AAC 48 kHz stereo');
    expect(said).toContain('Nothing arrives at the backup input.');
  });
});

describe('push here', () => {
  it('never has a secret of SRT in a line, a field or a code', () => {
    expect(String(<InputPanel page={pageOf({ state: 'idle' })} />)).not.toContain(SECRET);
  });

  it('has a stream key of RTMP in the one place where the reader asks for it', () => {
    const rtmp = { primary: 'rtmp://relay.example.net:1935/f', backup: 'rtmp://relay.example.net:1936/f' };
    const markup = String(
      <InputPanel page={pageOf({ state: 'idle', flow: flow({ input: rtmpInput() }), addresses: rtmp })} />,
    );
    expect(markup.split('key-of-primary')).toHaveLength(2);
  });

  const settingsOf = (...given: Parameters<typeof encoderGuides>) =>
    encoderGuides(...given).map(({ program, settings }) => [
      program,
      ...settings.map(({ name, value }) => `${name}: ${value}`),
    ]);

  it('gives OBS the latency of SRT in µs, and hardware address and port apart', () => {
    expect(settingsOf(pageOf({ state: 'idle' }).flow.input, 'srt://[2001:db8::1]:9001')).toEqual([
      [
        'OBS Studio',
        'Server: srt://[2001:db8::1]:9001?mode=caller&latency=120000&passphrase=YOUR_KEY&pbkeylen=32',
        'Stream key: None: leave it empty',
      ],
      [
        'vMix',
        'Type: Caller',
        'Address: 2001:db8::1',
        'Port: 9001',
        'Latency: 120 ms',
        'Passphrase: The key that you set for this input',
        'Key length: AES-256',
        'Stream ID: None: leave it empty',
      ],
      [
        'Hardware encoder',
        'Address: 2001:db8::1',
        'Port: 9001',
        'Latency: 120 ms',
        'Passphrase: The key that you set for this input',
        'Key length: AES-256',
        'Stream ID: None: leave it empty',
      ],
    ]);
  });

  it('gives host and port of RTMP and RTP too', () => {
    expect(settingsOf(rtmpInput(), 'rtmp://relay.example.net:1935/f-1')[2]?.slice(-2)).toEqual([
      'Address: relay.example.net',
      'Port: 1935',
    ]);
    expect(settingsOf(rtpInput(), 'rtp://relay.example.net:9001')[0]?.slice(1, 3)).toEqual([
      'Address: relay.example.net',
      'Port: 9001',
    ]);
  });
});

describe('a made key', () => {
  it('draws again what would make one letter likelier than another', () => {
    const draws = [Uint8Array.of(255, 0, 251), Uint8Array.of(2, 252, 4)];
    expect(keyOf(3, 'abc', () => draws.shift() ?? Uint8Array.of())).toBe('acc');
  });
});

describe('the Chinese of the forms', () => {
  const files = ['forms', 'input-fields', 'field-help', 'secret-fields', 'output-form', 'push-here', 'setup'];

  it.each(files)('has every text of %s', (file) => {
    const source = readFileSync(join(views, `${file}.tsx`), 'utf8');
    const said = [...source.matchAll(/\bt\(\s*'((?:[^'\\]|\\.)+)'/g)].map(([, text]) => text ?? '');
    expect(said.filter((text) => !(text in chinese))).toEqual([]);
    expect(said.length).toBeGreaterThan(3);
  });

  it('keeps the places of facts', () => {
    const placesOf = (text: string) => (text.match(/\{\w+\}/g) ?? []).toSorted();
    for (const [english, chinese] of Object.entries(chineseForms)) expect(placesOf(chinese)).toEqual(placesOf(english));
  });

  it('is what is shown', () => {
    expect(inLanguage('zh-CN', () => t('Your stream is here.'))).toBe('您的媒体已到达。');
  });
});
