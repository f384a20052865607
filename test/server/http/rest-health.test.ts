import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { HealthChannel } from '../../../db/history-model.ts';
import { flowSchema } from '../../../server/http/shapes.ts';
import { createRestHouse, type RestHouse } from '../../kit/rest-house.ts';
import { flowDraft } from '../../kit/samples.ts';
import { waves } from '../../kit/waves.ts';

const SINCE = 1_800_000_000_000;
let house: RestHouse;
let flowId: string;
let asked: HealthChannel[];

beforeEach(async () => {
  asked = [];
  const keeping = (channel: HealthChannel): void => void asked.push(channel);
  const health = {
    ...waves,
    retentionDays: 30,
    failingSince: () => SINCE - 5,
    totals: async (channel: HealthChannel) => {
      keeping(channel);
      return { since: SINCE, sums: { dropped: 7 } };
    },
    reset: async (channel: HealthChannel) => {
      keeping(channel);
      return SINCE;
    },
  };
  house = createRestHouse({ health });
  const { text } = await house.call('POST', '/flows', flowDraft());
  flowId = flowSchema.parse(JSON.parse(text)).id;
});

const call = async (method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> => {
  const { status, text } = await house.call(method, `/flows/${flowId}/health${path}`, body);
  return { status, body: JSON.parse(text) };
};

describe('health over the API', () => {
  it('tells of each end what is true now, the advice on its latency, and whether it is being kept', async () => {
    const { status, body } = await call('GET', '/now');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      keptDays: 30,
      notKeptSince: SINCE - 5,
      ends: [
        {
          pipeline: 'primary',
          endpoint: 'input',
          values: { frameAgeMs: 40 },
          tracks: [{ id: 'pid 256', codec: 'H.264', width: 1920, values: { frameRate: 25 } }, { id: 'pid 257' }],
          latency: { seconds: 300, advice: { suggestedMs: 210, inForceMs: 120, verdict: 'too-short' } },
        },
      ],
    });
  });

  it('tells of each track what it was, and from when on', async () => {
    const to = Date.now();
    const { body } = await call('GET', `/channels?from=${to - 60_000}&to=${to}`);
    const { channels } = z.object({ channels: z.array(z.unknown()) }).parse(body);
    expect(channels[1]).toMatchObject({
      track: 'pid 256',
      about: { kind: 'video', codec: 'H.264', width: 1920, height: 1080 },
      since: to - 60_000,
    });
  });

  it('sums up since the last reset, and begins anew', async () => {
    const totals = await call('GET', '/totals?pipeline=backup&endpoint=input');
    expect(totals).toEqual({ status: 200, body: { since: SINCE, sums: { dropped: 7 } } });
    const reset = await call('POST', '/reset', { pipeline: 'primary', endpoint: 'input', track: 'pid 256' });
    expect(reset).toEqual({ status: 200, body: { since: SINCE } });
    expect(asked).toEqual([
      { flowId, pipeline: 'backup', endpointId: 'input' },
      { flowId, pipeline: 'primary', endpointId: 'input', track: 'pid 256' },
    ]);
  });

  it('sets no mark at an end that the flow does not have', async () => {
    const { status, body } = await call('POST', '/reset', { pipeline: 'primary', endpoint: 'nowhere' });
    expect([status, body]).toMatchObject([404, { code: 'output-not-found' }]);
    expect(asked).toEqual([]);
  });
});
