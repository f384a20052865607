/** The vendor's own client, as it is, walks the whole life of a flow with a real stream in it, with each kind of signature. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { freePorts } from '../kit/free-ports.ts';
import { SECRET_ID, SECRET_KEY } from '../kit/house.ts';
import { pushWithFfmpeg, receive, tryToPush } from '../kit/peers.ts';
import { openStage, type Stage } from '../kit/stage.ts';
import { until } from '../kit/until.ts';
import { type VendorClient, vendorClient, type VendorSettings } from '../kit/vendor-sdk.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

type Kind = Pick<VendorSettings, 'sign' | 'method'>;
const clientOf = (kind: Kind, more: Partial<VendorSettings> = {}): VendorClient =>
  vendorClient({ url: stage.house.url, id: SECRET_ID, secret: SECRET_KEY, region: 'europe', ...kind, ...more });

const address = z.object({ Ip: z.string(), Port: z.number() });
const inputSchema = z.object({
  InputId: z.string(),
  InputName: z.string(),
  InputAddressList: z.array(address),
  SRTSettings: z.object({ Latency: z.number(), Passphrase: z.string(), PbKeyLen: z.number() }).nullable(),
});
const flowSchema = z.object({
  FlowId: z.string(),
  FlowName: z.string(),
  State: z.string(),
  InputGroup: z.array(inputSchema),
  OutputGroup: z.array(z.object({ OutputId: z.string(), OutputName: z.string() })),
});
const flowInfo = z.object({ Info: flowSchema });
const outputInfo = z.object({ Info: z.object({ OutputId: z.string(), OutputName: z.string() }) });
const statusSchema = z.object({
  Datas: z.array(
    z.object({
      Type: z.string(),
      CommonStatus: z.object({ State: z.string(), Bitrate: z.number() }),
      SRTStatus: z.object({ Encryption: z.string(), Latency: z.number().nullable() }).nullable(),
    }),
  ),
});
const track = z.object({ Fps: z.number().nullable(), Rate: z.number(), Pid: z.number() });
const statisticsSchema = z.object({
  Infos: z.array(
    z.object({
      Timestamp: z.number(),
      FlowStatistics: z.array(z.object({ Network: z.number(), Video: z.array(track), Audio: z.array(track) })),
    }),
  ),
});
const srtSchema = z.object({
  Infos: z.array(
    z.object({ Timestamp: z.number(), RecvPacketLossRate: z.number(), RTT: z.number(), SendPacketLossRate: z.null() }),
  ),
});

const utc = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;
const code = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );

/** What the product's own API says of the same range, at the same step, by epoch seconds. */
async function restFigures(
  flowId: string,
  { from, to }: { readonly from: number; readonly to: number },
  place: { readonly fields: string; readonly track?: string },
): Promise<ReadonlyMap<number, number | null>> {
  const query = new URLSearchParams({
    ...{ pipeline: 'primary', endpoint: 'input', ...place },
    ...{ from: String(from), to: String(to), maxPoints: String((to - from) / 5000) },
  });
  const { body } = await stage.house.api('GET', `/flows/${flowId}/health?${query.toString()}`);
  const series = z.object({
    from: z.number(),
    stepMs: z.literal(5000),
    columns: z.array(z.object({ values: z.array(z.number().nullable()) })),
  });
  const read = series.parse(body);
  return new Map(
    read.columns.flatMap(({ values }) =>
      values.map((value, index): [number, number | null] => [(read.from + index * read.stepMs) / 1000, value]),
    ),
  );
}

describe("the vendor's client", () => {
  it.each<[string, Kind]>([
    ['TC3-HMAC-SHA256 over POST', { sign: 'TC3-HMAC-SHA256' }],
    ['TC3-HMAC-SHA256 over GET', { sign: 'TC3-HMAC-SHA256', method: 'GET' }],
    ['its default over POST', {}],
    ['its default over GET', { method: 'GET' }],
    ['HmacSHA1 over POST', { sign: 'HmacSHA1' }],
    ['HmacSHA1 over GET', { sign: 'HmacSHA1', method: 'GET' }],
  ])('walks the life of a flow, signing with %s', async (_, kind) => {
    const call = clientOf(kind);
    const { Info: regions } = await call('DescribeStreamLinkRegions');
    expect(JSON.stringify(regions)).toContain('"Name":"europe"');

    const empty = flowInfo.parse(await call('CreateStreamLinkFlow', { FlowName: 'Walk', MaxBandwidth: 50_000_000 }));
    const { FlowId } = empty.Info;
    expect(empty.Info).toMatchObject({ State: 'IDLE', InputGroup: [], OutputGroup: [] });
    expect(await code(call('StartStreamLinkFlow', { FlowId }))).toBe('InvalidParameter.OutputGroups');

    const Passphrase = 'a secret of mine';
    const StreamId = '#!::r=camera,m=publish';
    const InputGroup = [
      { InputName: 'Camera_1', Protocol: 'SRT', SRTSettings: { RecvLatency: 200, Passphrase, PbKeyLen: 32, StreamId } },
    ];
    const { Info: withInput } = flowInfo.parse(await call('CreateStreamLinkInput', { FlowId, InputGroup }));
    const [input] = withInput.InputGroup;
    expect(withInput.FlowId).toBe(FlowId);
    expect(input).toMatchObject({ SRTSettings: { Latency: 200, Passphrase, PbKeyLen: 32 } });
    expect(input?.InputAddressList).toHaveLength(2);
    const InputId = input?.InputId ?? '';
    await call('ModifyStreamLinkInput', { FlowId, Input: { InputId, InputName: 'Camera_2' } });
    await call('ModifyStreamLinkFlow', { FlowId, FlowName: 'Walked' });

    const [port = 0, later = 0] = await freePorts(2);
    const Output = {
      OutputName: 'Studio',
      Description: 'first',
      Protocol: 'SRT',
      OutputRegion: 'europe',
      SRTSettings: { Destinations: [{ Ip: '127.0.0.1', Port: later }] },
    };
    const made = outputInfo.parse(await call('CreateStreamLinkOutputInfo', { FlowId, Output }));
    const { OutputId } = made.Info;
    await call('ModifyStreamLinkOutputInfo', {
      FlowId,
      Output: { OutputId, OutputName: 'Hall', SRTSettings: { Destinations: [{ Ip: '127.0.0.1', Port: port }] } },
    });
    const { Info: whole } = flowInfo.parse(await call('DescribeStreamLinkFlow', { FlowId }));
    expect(whole).toMatchObject({
      FlowName: 'Walked',
      State: 'IDLE',
      InputGroup: [{ InputName: 'Camera_2', SRTSettings: { Latency: 200, Passphrase } }],
      OutputGroup: [{ OutputId, OutputName: 'Hall' }],
    });

    await call('StartStreamLinkFlow', { FlowId });
    expect(flowInfo.parse(await call('DescribeStreamLinkFlow', { FlowId })).Info.State).toBe('RUNNING');
    expect(await code(call('DeleteStreamLinkOutput', { FlowId, OutputId }))).toBe('InvalidParameter.State');
    const file = stage.file('received.ts');
    await stage.keep(receive(port, file));
    const { Port: push = 0 } = input?.InputAddressList[0] ?? {};
    const stranger = await stage.keep(tryToPush({ port: push, passphrase: Passphrase, streamId: 'another' }));
    await stranger.ended;
    await until('the stranger is told to be one', async () => {
      const { status } = (await stage.house.flow(FlowId)).input;
      return status.primary.incident?.code === 'stream-id-wrong';
    });
    const from = Math.floor(Date.now() / 5000) * 5000;
    const encoder = await stage.keep(
      pushWithFfmpeg([{ port: push, passphrase: Passphrase, streamId: StreamId }], stage.file('sent.ts'), 13),
    );
    await until('both ends are Connected', async () => {
      const { Datas } = statusSchema.parse(await call('DescribeStreamLinkFlowRealtimeStatus', { FlowId }));
      const connected = Datas.filter(({ CommonStatus }) => CommonStatus.State === 'Connected');
      return connected.length === 2 && connected.every(({ CommonStatus }) => CommonStatus.Bitrate > 500_000);
    });
    const asked = { FlowId, InputIds: [InputId] };
    const { Datas } = statusSchema.parse(await call('DescribeStreamLinkFlowRealtimeStatus', asked));
    expect(Datas.map(({ Type }) => Type)).toEqual(['Input', 'Input']);
    expect(Datas[0]?.SRTStatus).toMatchObject({ Encryption: 'On', Latency: 200 });
    await encoder.ended;

    const to = Math.ceil(Date.now() / 5000) * 5000;
    const range = { FlowId, Pipeline: '0', Period: '5s', StartTime: utc(from), EndTime: utc(to) };
    const ofInput = { ...range, Type: 'input', InputOutputId: InputId };
    const bitrates = await restFigures(FlowId, { from, to }, { fields: 'bitrate' });
    const frames = await restFigures(FlowId, { from, to }, { fields: 'frameRate', track: 'pid 256' });
    const { Infos } = statisticsSchema.parse(await call('DescribeStreamLinkFlowStatistics', ofInput));
    expect(Infos.length).toBeGreaterThanOrEqual(2);
    // The newest may have grown while it was read; the first may be of the time before the stream.
    for (const { Timestamp, FlowStatistics } of Infos.slice(0, -1)) {
      expect(FlowStatistics).toHaveLength(1);
      expect(FlowStatistics[0]?.Network).toBeCloseTo(bitrates.get(Timestamp) ?? Number.NaN, 3);
      for (const { Fps } of FlowStatistics[0]?.Video ?? [])
        expect(Fps ?? -1).toBeCloseTo(frames.get(Timestamp) ?? -1, 3);
    }
    const busiest = Math.max(...Infos.map(({ FlowStatistics }) => FlowStatistics[0]?.Network ?? 0));
    const whole5s = Infos.find(({ FlowStatistics }) => FlowStatistics[0]?.Network === busiest)?.FlowStatistics[0];
    expect(busiest).toBeGreaterThan(1_000_000);
    expect(whole5s).toMatchObject({ Video: [{ Pid: 256 }], Audio: [{ Pid: 257 }] });
    expect(Math.abs((whole5s?.Video[0]?.Fps ?? 0) / 25 - 1)).toBeLessThan(0.1);
    const media = await call('DescribeStreamLinkFlowMediaStatistics', {
      ...range,
      Type: 'output',
      InputOutputId: OutputId,
    });
    expect(JSON.stringify(media)).toContain('"Pid":256');
    const srt = srtSchema.parse(await call('DescribeStreamLinkFlowSRTStatistics', ofInput));
    expect(srt.Infos.length).toBeGreaterThanOrEqual(2);
    const logs = { FlowId, StartTime: utc(from), EndTime: utc(to), Type: ['Input', 'Output'], Pipeline: ['0', '1'] };
    expect(await call('DescribeStreamLinkFlowLogs', { ...logs, PageSize: 100 })).toMatchObject({
      PageNum: 1,
      PageSize: 100,
    });

    await call('StopStreamLinkFlow', { FlowId });
    expect(flowInfo.parse(await call('DescribeStreamLinkFlow', { FlowId })).Info.State).toBe('IDLE');
    await call('DeleteStreamLinkOutput', { FlowId, OutputId });
    const list = z.object({ Infos: z.array(flowSchema), TotalNum: z.number() });
    const { Infos: flows } = list.parse(await call('DescribeStreamLinkFlows', { PageNum: 1, PageSize: 10 }));
    expect(flows.map((flow) => flow.FlowId)).toContain(FlowId);
    await call('DeleteStreamLinkFlow', { FlowId });
    expect(await code(call('DescribeStreamLinkFlow', { FlowId }))).toBe('InvalidParameter.Id');
  });

  it.each<[string, Partial<VendorSettings>, string]>([
    ['a key that nobody has', { id: 'nobody-s-key' }, 'AuthFailure.SecretIdNotFound'],
    ['another secret', { secret: 'another secret' }, 'AuthFailure.SignatureFailure'],
    ['a token', { token: 'temporary' }, 'AuthFailure.TokenFailure'],
  ])('is told why it is not let in with %s', async (_, settings, expected) => {
    for (const sign of ['TC3-HMAC-SHA256', 'HmacSHA256'] as const)
      expect(await code(clientOf({ sign }, settings)('DescribeStreamLinkFlows'))).toBe(expected);
  });

  it.each<[string, object, string]>([
    ['CreateStreamLinkFlow', { FlowName: 'A', MaxBandwidth: 7 }, 'InvalidParameter.MaxBandwidth'],
    ['CreateStreamLinkFlow', { MaxBandwidth: 10_000_000 }, 'MissingParameter'],
    ['DescribeStreamLinkFlow', { FlowId: 'gone' }, 'InvalidParameter.Id'],
    ['DescribeStreamLinkFlows', { PageSize: 0 }, 'InvalidParameter.PageSize'],
  ])('is told what is wrong with %s %j', async (action, params, expected) => {
    for (const sign of ['TC3-HMAC-SHA256', 'HmacSHA1'] as const)
      expect(await code(clientOf({ sign })(action, params))).toBe(expected);
  });

  it('finds a flow that waits for its input, after the server was stopped and started', async () => {
    const call = clientOf({});
    await call('CreateStreamLinkFlow', { FlowName: 'Later', MaxBandwidth: 10_000_000 });
    const { Infos } = z.object({ Infos: z.array(flowSchema) }).parse(await call('DescribeStreamLinkFlows'));
    const flow = Infos.find(({ FlowName }) => FlowName === 'Later');
    process.kill(stage.house.serverPid(), 'SIGKILL');
    await until('the server is back', async () => (await code(call('DescribeStreamLinkRegions'))) === 'done', 30);
    const { Info } = flowInfo.parse(await call('DescribeStreamLinkFlow', { FlowId: flow?.FlowId }));
    expect(Info).toEqual(flow);
    await call('DeleteStreamLinkFlow', { FlowId: flow?.FlowId });
  });
});
