import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSrtSink } from '../../../relay/srt/sink.ts';
import { openSrtSource } from '../../../relay/srt/source.ts';
import { openSrt, type Srt } from '../../../relay/srt/socket.ts';
import { freePorts } from '../../kit/free-ports.ts';
import { sinkSpec, sourceSpec } from '../../kit/samples.ts';
import { eventually } from './bench.ts';

let srt: Srt;
beforeAll(() => {
  srt = openSrt({ slabs: 16 });
});
afterAll(() => srt.close());

/** What the source and the sink of two plans hear of each other. */
async function meet(ofSource: string | undefined, ofSink: string | undefined): Promise<readonly string[]> {
  const [port = 0] = await freePorts(1);
  const heard: string[] = [];
  const source = openSrtSource(srt, sourceSpec({ host: '127.0.0.1', port, streamId: ofSource }), 10_000_000, {
    connected: () => heard.push('source: connected'),
    data: () => undefined,
    disconnected: () => undefined,
    refused: (code) => heard.push(`source: ${code}`),
    ended: (code) => heard.push(`source: ${code}`),
  });
  const sink = openSrtSink(srt, sinkSpec({ host: '127.0.0.1', port, streamId: ofSink }), 10_000_000, {
    connected: () => heard.push('sink: connected'),
    ended: (code) => heard.push(`sink: ${code}`),
  });
  await eventually(() => expect(heard).toHaveLength(2));
  sink.close();
  source.close();
  return [...heard].sort();
}

describe('a stream ID', () => {
  it.each([
    ['studio/1', 'studio/1'],
    [undefined, 'studio/1'],
    [undefined, undefined],
  ])('of an input that asks for %s lets in an output with %s', async (ofSource, ofSink) => {
    expect(await meet(ofSource, ofSink)).toEqual(['sink: connected', 'source: connected']);
  });

  it.each([
    ['studio/1', 'studio/2'],
    ['studio/1', undefined],
  ])('of an input that asks for %s keeps out an output with %s, and both are told', async (ofSource, ofSink) => {
    expect(await meet(ofSource, ofSink)).toEqual([expect.stringContaining('sink: '), 'source: stream-id-wrong']);
  });
});
