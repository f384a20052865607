import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { HealthSample, LogEvent } from '../../../../db/history-model.ts';
import { createHealthDesk, type HealthFieldName } from '../../../../server/health.ts';
import { createLogDesk } from '../../../../server/log-desk.ts';
import { endpoint } from '../../../kit/console-house.ts';
import { logEvent, temporaryHistory } from '../../../kit/history.ts';
import { createVendorHouse, madeFlow, srtInput, srtOutput, type VendorHouse } from '../../../kit/vendor-house.ts';

let house: VendorHouse;
let ids: Awaited<ReturnType<typeof madeFlow>>;
beforeEach(async () => {
  house = createVendorHouse();
  ids = await madeFlow(house, { output: srtOutput() });
});

const utc = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

describe('the realtime status', () => {
  const status = async (more: object = {}) => {
    const { response } = await house.call('DescribeStreamLinkFlowRealtimeStatus', { FlowId: ids.FlowId, ...more });
    return z.object({ Timestamp: z.number(), Datas: z.array(z.looseObject({})) }).parse(response);
  };

  it('of an idle flow is Idle, an item for each end, primary first', async () => {
    const { Timestamp, Datas } = await status();
    expect(Timestamp).toBe(house.now / 1000);
    const common = { State: 'Idle', ConnectedTime: 0, Bitrate: 0 };
    expect(Datas).toMatchObject([
      {
        Type: 'Input',
        InputId: ids.InputId,
        OutputId: '',
        FlowId: ids.FlowId,
        CommonStatus: { ...common, Mode: 'Listener' },
      },
      { Type: 'Input', InputId: ids.InputId, CommonStatus: common },
      { Type: 'Output', InputId: '', OutputId: ids.OutputId, CommonStatus: { ...common, Mode: 'Caller' } },
    ]);
  });

  it('tells what relays report and what is kept of the last seconds, in percent', async () => {
    await house.flows.start(ids.FlowId);
    const since = house.now - 12_345;
    const report = endpoint(ids.FlowId, { since, keyLength: 256, dropped: 3, bitrate: 8_020_000.4 });
    house.endpoints.push(report, endpoint(ids.FlowId, { pipeline: 'backup', state: 'waiting', bitrate: 0 }));
    house.health = {
      ...house.health,
      read: async ({ from, channel, fields }) => ({
        ...{ from, stepMs: 1000, count: 3, marks: [] },
        columns: fields.map((field) => ({
          field,
          values: Float64Array.of(0.5, channel.pipeline === 'primary' ? 0.0123 : Number.NaN, Number.NaN),
        })),
      }),
    };
    const { Datas } = await status({ InputIds: [ids.InputId] });
    expect(Datas).toMatchObject([
      {
        Protocol: 'SRT',
        CommonStatus: { State: 'Connected', Mode: 'Listener', ConnectedTime: 12_345, Bitrate: 8_020_000 },
        SRTStatus: {
          ...{ Latency: 120, RTT: 23.4, Packets: 12_345, DroppedPackets: 3, Encryption: 'On' },
          ...{ PacketLossRate: 1.23, RetransmitRate: 1.23 },
        },
        RTMPStatus: null,
        RTPStatus: null,
      },
      { CommonStatus: { State: 'Waiting', ConnectedTime: 0 }, SRTStatus: { Encryption: 'Off', PacketLossRate: 50 } },
    ]);
  });

  it('leaves out an end of which no fresh report tells', async () => {
    await house.flows.start(ids.FlowId);
    house.endpoints.push(endpoint(ids.FlowId));
    expect((await status()).Datas).toMatchObject([{ Type: 'Input', CommonStatus: { State: 'Connected' } }]);
  });
});

describe('statistics', () => {
  /** So that all periods begin here, and all of it is past. */
  const start = Math.floor((Date.now() - 7_200_000) / 900_000) * 900_000;
  const sample = (
    second: number,
    values: Partial<Record<HealthFieldName, number>>,
    channel: { readonly endpointId?: string; readonly track?: string } = {},
  ): HealthSample => ({
    channel: { flowId: ids.FlowId, pipeline: 'primary', endpointId: 'input', ...channel },
    at: start + second * 1000,
    values,
  });
  const keep = async (samples: readonly HealthSample[]): Promise<void> => {
    house.now = Date.now();
    const { history } = await temporaryHistory();
    house.health = createHealthDesk({
      history,
      retentionDays: 7,
      failingSince: () => undefined,
      now: () => house.now,
      ticks: () => house.now,
    });
    await history.write(samples);
  };
  const ask = async (action: string, more: object = {}) => {
    const asked = { FlowId: ids.FlowId, Type: 'input', InputOutputId: ids.InputId, Pipeline: '0', Period: '5s' };
    const range = { StartTime: utc(start), EndTime: utc(start + 900_000) };
    const { response, message } = await house.call(action, { ...asked, ...range, ...more });
    expect(message).toBe('');
    return z.object({ Infos: z.array(z.looseObject({ Timestamp: z.number() })) }).parse(response).Infos;
  };

  it.each([
    ['5s', 5, 4],
    ['1min', 60, 2],
    ['5min', 300, 1],
    ['15min', 900, 1],
  ])('at a period of %s have a row each %i s, the mean of its seconds', async (Period, step, rows) => {
    await keep([0, 4, 5, 9, 14, 61].map((second) => sample(second, { bitrate: 1_000_000 * (second + 1) })));
    const infos = await ask('DescribeStreamLinkFlowStatistics', { Period });
    expect(infos.map(({ Timestamp }) => Timestamp).every((at) => (at - start / 1000) % step === 0)).toBe(true);
    expect(infos).toHaveLength(rows);
    const first = { '5s': 3e6, '1min': 7.4e6 }[Period] ?? ((1 + 5 + 6 + 10 + 15 + 62) / 6) * 1e6;
    expect(infos[0]).toMatchObject({ Timestamp: start / 1000, FlowStatistics: [{ SessionId: '', ClientIp: '' }] });
    const network = z.object({ FlowStatistics: z.tuple([z.object({ Network: z.number() })]) }).parse(infos[0]);
    expect(network.FlowStatistics[0].Network).toBeCloseTo(first, 0);
  });

  it('have the tracks by what they are, with their PIDs', async () => {
    for (const [track, kind] of [
      ['pid 256', 'video'],
      ['pid 257', 'audio'],
      ['pid 300', 'data'],
    ] as const)
      house.kinds.set(track, kind);
    await keep([
      sample(1, { bitrate: 3_000_000 }),
      sample(1, { bitrate: 2_000_000, frameRate: 25 }, { track: 'pid 256' }),
      sample(2, { bitrate: 128_000, frameRate: 46.88 }, { track: 'pid 257' }),
      sample(2, { bitrate: 64_000 }, { track: 'pid 300' }),
    ]);
    const [row] = await ask('DescribeStreamLinkFlowStatistics');
    const Video = [{ Fps: 25, Rate: 2_000_000, Pid: 256 }];
    const Audio = [{ Fps: 46.88, Rate: 128_000, Pid: 257 }];
    expect(row).toMatchObject({ FlowStatistics: [{ Network: 3_000_000, Video, Audio }] });
    expect(await ask('DescribeStreamLinkFlowMediaStatistics')).toMatchObject([
      { Timestamp: start / 1000, Network: 3_000_000, Video, Audio, SessionId: '' },
    ]);
  });

  it('of SRT tell an input what is received and an output what is sent, in percent and ms', async () => {
    const figures = { lossRatio: 0.02, retransmitRatio: 0.03, rttMs: 20.5, dropped: 4 };
    await keep([sample(0, figures), sample(1, figures), sample(0, figures, { endpointId: ids.OutputId })]);
    expect(await ask('DescribeStreamLinkFlowSRTStatistics')).toEqual([
      {
        Timestamp: start / 1000,
        ...{ RecvPacketLossRate: 2, RecvRetransmissionRate: 3, RecvPacketDropNumber: 8 },
        ...{ SendPacketLossRate: null, SendRetransmissionRate: null, SendPacketDropNumber: null },
        RTT: 20.5,
        SessionId: '',
      },
    ]);
    expect(
      await ask('DescribeStreamLinkFlowSRTStatistics', { Type: 'OUTPUT', InputOutputId: ids.OutputId }),
    ).toMatchObject([{ SendPacketLossRate: 2, SendPacketDropNumber: 4, RecvPacketLossRate: null }]);
  });

  it('of SRT are none where an end has another protocol', async () => {
    const { FlowId, InputId } = await madeFlow(house, { input: srtInput({ Protocol: 'RTP' }) });
    await keep([]);
    expect(await ask('DescribeStreamLinkFlowSRTStatistics', { FlowId, InputOutputId: InputId })).toEqual([]);
  });

  it('may be asked of a whole day, and of a second', async () => {
    await keep([sample(0, { bitrate: 1_000_000 }), sample(3, { bitrate: 3_000_000 })]);
    const day = { StartTime: utc(start - 43_200_000), EndTime: utc(start + 43_200_000), Period: '15min' };
    expect(await ask('DescribeStreamLinkFlowStatistics', day)).toHaveLength(1);
    const second = { StartTime: utc(start), EndTime: utc(start + 1000) };
    expect(await ask('DescribeStreamLinkFlowStatistics', second)).toMatchObject([
      { Timestamp: start / 1000, FlowStatistics: [{ Network: 2_000_000 }] },
    ]);
  });

  it('without times are those of the last hour', async () => {
    house.now = Date.now();
    let range: readonly number[] = [];
    house.health = {
      ...house.health,
      channels: async () => [],
      read: async ({ from, to }) => {
        range = [from, to];
        return { from, stepMs: 5000, count: 0, columns: [], marks: [] };
      },
    };
    await ask('DescribeStreamLinkFlowStatistics', { StartTime: undefined, EndTime: undefined });
    expect(range).toEqual([house.now - 3_600_000, house.now]);
  });
});

describe('logs', () => {
  const keep = async (events: readonly Partial<LogEvent>[]): Promise<number> => {
    house.now = Date.now();
    const from = Math.floor(house.now / 1000) * 1000 - 3_000_000;
    const { history } = await temporaryHistory();
    house.log = createLogDesk(history, 7, () => house.now);
    await history.append(
      events.map((event, seq) => logEvent({ seq, flowId: ids.FlowId, at: from + seq * 1000, ...event })),
    );
    return from;
  };
  const all = { Type: ['input', 'output'], Pipeline: ['0', '1'] };
  const pageSchema = z.object({
    Infos: z.array(z.looseObject({ Timestamp: z.number(), EventCode: z.string() })),
    PageNum: z.number(),
    PageSize: z.number(),
    TotalNum: z.number(),
    TotalPage: z.number(),
  });
  const ask = async (more: object) => {
    const { response, message } = await house.call('DescribeStreamLinkFlowLogs', {
      FlowId: ids.FlowId,
      ...all,
      ...more,
    });
    expect(message).toBe('');
    return pageSchema.parse(response);
  };

  it('say whom an event is about, what happened, and to whom', async () => {
    const from = await keep([
      { code: 'failover', facts: { to: 'backup', gapMs: 400 }, peer: { address: '203.0.113.7', port: 29_000 } },
      { role: 'output', endpointId: ids.OutputId, pipeline: 'backup', name: 'Studio', code: 'no-keyframe', count: 3 },
    ]);
    expect((await ask({ SortType: 'asc' })).Infos).toEqual([
      {
        Timestamp: from / 1000,
        ...{ Type: 'input', InputOutputId: ids.InputId, InputOutputName: 'Camera', Protocol: 'srt', Pipeline: '0' },
        ...{ EventCode: 'failover', EventMessage: 'The outputs of the primary pipeline now get the backup input.' },
        ...{ RemoteIp: '203.0.113.7', RemotePort: '29000' },
      },
      {
        Timestamp: from / 1000 + 1,
        ...{ Type: 'output', InputOutputId: ids.OutputId, InputOutputName: 'Studio', Protocol: 'srt', Pipeline: '1' },
        EventCode: 'no-keyframe',
        EventMessage: 'Video is announced but brings no key frame: sound went ahead alone. (3 times)',
        ...{ RemoteIp: '', RemotePort: '' },
      },
    ]);
  });

  it('are counted and turned by number, newest first or oldest first, each event on one page', async () => {
    const from = await keep(Array.from({ length: 1203 }, () => ({})));
    const times = ({ Infos }: z.infer<typeof pageSchema>) => Infos.map(({ Timestamp }) => Timestamp - from / 1000);
    const newest = await ask({ PageSize: 1000 });
    expect({ ...newest, Infos: [] }).toEqual({ Infos: [], PageNum: 1, PageSize: 1000, TotalNum: 1203, TotalPage: 2 });
    expect(times(newest)).toEqual(Array.from({ length: 1000 }, (_, index) => 1202 - index));
    expect(times(await ask({ PageSize: 1000, PageNum: 2 }))).toEqual(
      Array.from({ length: 203 }, (_, index) => 202 - index),
    );
    expect(times(await ask({ PageSize: 3, PageNum: 2, SortType: 'asc' }))).toEqual([3, 4, 5]);
    expect(await ask({ PageSize: 10, PageNum: 999 })).toMatchObject({ Infos: [], TotalNum: 1203, TotalPage: 121 });
  });

  it('are those of the types and pipelines that are asked for, and none of the flow as a whole', async () => {
    await keep([
      { code: 'a' },
      { code: 'b', pipeline: 'backup' },
      { code: 'c', role: 'output' },
      { code: 'd', role: 'flow', pipeline: undefined },
    ]);
    const codes = async (more: object) => (await ask(more)).Infos.map(({ EventCode }) => EventCode).sort();
    expect(await codes({})).toEqual(['a', 'b', 'c']);
    expect(await codes({ Type: ['Input'] })).toEqual(['a', 'b']);
    expect(await codes({ Pipeline: ['0'] })).toEqual(['a', 'c']);
    expect(await codes({ Type: ['Input'], Pipeline: ['1'] })).toEqual(['b']);
  });
});
