import { describe, expect, it } from 'vitest';
import { emptyHealth } from '../../../kit/empty-health.ts';
import { memoryLog } from '../../../kit/memory-log.ts';
import {
  createVendorHouse,
  madeFlow,
  signer,
  srtInput,
  srtOutput,
  type VendorHouse,
} from '../../../kit/vendor-house.ts';
import { signed } from '../../../kit/vendor-signing.ts';
import { actionCodes } from '../../../../server/http/streamlink/errors.ts';
import { Refusal } from '../../../../server/refusal.ts';

type Ids = Awaited<ReturnType<typeof madeFlow>>;
type Params = (ids: Ids, house: VendorHouse) => object | Promise<object>;

/** One request that is refused with `code`; the flow has an SRT input and an SRT output. */
interface Case {
  readonly action: keyof typeof actionCodes;
  readonly code: string;
  readonly because: string;
  readonly params: Params;
}

const flow = { FlowName: 'News', MaxBandwidth: 10_000_000 };
const refused = (
  action: Case['action'],
  ...cases: readonly [code: string, because: string, params: Params][]
): Case[] => cases.map(([code, because, params]) => ({ action, code, because, params }));

const running =
  (params: Params): Params =>
  (ids, house) => {
    house.state = 'running';
    return params(ids, house);
  };
const started =
  (params: Params): Params =>
  async (ids, house) => {
    await house.flows.start(ids.FlowId);
    return params(ids, house);
  };
const broken =
  (params: Params): Params =>
  (ids, house) => {
    house.store.fault = new Refusal('storage-fault');
    return params(ids, house);
  };
/** Whatever is looked up is a fault of the server. */
const confused =
  (params: Params): Params =>
  (ids, house) => {
    house.store.all = house.store.get = () => {
      throw new Error('a bug');
    };
    return params(ids, house);
  };
const unreadable =
  (params: Params): Params =>
  (ids, house) => {
    const fail = () => Promise.reject(new Refusal('history-unavailable'));
    house.health = { ...emptyHealth, read: fail, channels: fail };
    house.log = { ...memoryLog(), read: fail, count: fail };
    return params(ids, house);
  };

const unknown: Params = () => ({ FlowId: 'unknown' });
const malformed: Params = () => ({ FlowId: 'a b' });
const own: Params = ({ FlowId }) => ({ FlowId });
const withInput =
  (more: object): Params =>
  ({ FlowId, InputId }) => ({ FlowId, Input: { InputId, ...more } });
const newOutput =
  (more: object): Params =>
  ({ FlowId }) => ({ FlowId, Output: srtOutput(more) });
const withOutput =
  (more: object): Params =>
  ({ FlowId, OutputId }) => ({ FlowId, Output: { OutputId, ...more } });
const newInput =
  (more: object): Params =>
  () => ({ ...flow, InputGroup: [srtInput(more)] });

const to = (host: string, port: number) => ({ SRTSettings: { Destinations: [{ Ip: host, Port: port }] } });

const asked =
  (more: object): Params =>
  ({ FlowId, InputId }) => ({
    FlowId,
    Type: 'input',
    InputOutputId: InputId,
    Pipeline: '0',
    Period: '5s',
    StartTime: '2026-11-24T10:00:00Z',
    EndTime: '2026-11-24T11:00:00Z',
    ...more,
  });
const logs =
  (more: object): Params =>
  ({ FlowId }) => ({
    FlowId,
    Type: ['input'],
    Pipeline: ['0'],
    PageSize: 10,
    StartTime: '2026-11-24T10:00:00Z',
    EndTime: '2026-11-24T11:00:00Z',
    ...more,
  });

const statisticsCases = (action: Case['action']): Case[] =>
  refused(
    action,
    ['Id', 'there is no such flow', asked({ FlowId: 'unknown' })],
    ['Type', 'there is no such type', asked({ Type: 'both' })],
    ['InputOutputId', 'it is no id', asked({ InputOutputId: 'a b' })],
    ['NotFound', 'the flow has no such end', asked({ InputOutputId: 'unknown' })],
    ['NotFound', 'it is an input, and no output', asked({ Type: 'output' })],
    ['Pipeline', 'there are two', asked({ Pipeline: '2' })],
    ['Period', 'it is none of the four', asked({ Period: '10s' })],
    ['StartTime', 'it is no time', asked({ StartTime: 'yesterday' })],
    ['StartTime', 'it was too long ago', asked({ StartTime: '2026-11-01T10:00:00Z', EndTime: '2026-11-01T11:00:00Z' })],
    ['EndTime', 'it is no time', asked({ EndTime: '2026-13-01T00:00:00Z' })],
    ['EndTime', 'it is before the start', asked({ EndTime: '2026-11-24T09:00:00Z' })],
    ['EndTime', 'it is more than a day after the start', asked({ StartTime: '2026-11-23T10:59:59Z' })],
    ['InternalError', 'the history cannot be read', unreadable(asked({}))],
  );

const cases: readonly Case[] = [
  ...refused(
    'CreateStreamLinkFlow',
    ['', 'events are not offered', () => ({ ...flow, EventId: 'event' })],
    ['ExceededQuantityLimit', 'a flow has one input', () => ({ ...flow, InputGroup: [srtInput(), srtInput()] })],
    ['Input', 'a range is none', newInput({ AllowIpList: ['everybody'] })],
    ['Input', 'a passphrase is too short', newInput({ SRTSettings: { Passphrase: 'short' } })],
    ['Input', 'a latency is too small', newInput({ SRTSettings: { Latency: 5 } })],
    ['Input', 'a key length has no key', newInput({ SRTSettings: { PbKeyLen: 16 } })],
    ['Input', 'settings are those of another protocol', newInput({ RTPSettings: { FEC: 'none' } })],
    ['Protocol', 'pulls are not offered', newInput({ Protocol: 'RTMP_PULL' })],
    ['MaxBandwidth', 'it is not offered', () => ({ ...flow, MaxBandwidth: 11_000_000 })],
    ['Name', 'it is empty', () => ({ ...flow, FlowName: '' })],
    ['Name', 'a name of an input has letters, digits and _', newInput({ InputName: 'Camera 1' })],
    ['InternalError', 'the disk is full', broken(newInput({}))],
  ),
  ...refused(
    'CreateStreamLinkInput',
    ['', 'there is no such flow', () => ({ FlowId: 'unknown', InputGroup: [srtInput()] })],
    ['ExceededQuantityLimit', 'the flow has its input', ({ FlowId }) => ({ FlowId, InputGroup: [srtInput()] })],
    [
      'Input',
      'a mode is not offered',
      ({ FlowId }) => ({ FlowId, InputGroup: [srtInput({ SRTSettings: { Mode: 'CALLER' } })] }),
    ],
    ['Name', 'it is too long', ({ FlowId }) => ({ FlowId, InputGroup: [srtInput({ InputName: 'a'.repeat(33) })] })],
  ),
  ...refused(
    'DescribeStreamLinkFlow',
    ['Id', 'there is no such flow', unknown],
    ['Id', 'it is no id', malformed],
    ['InternalError', 'the server is at fault', confused(own)],
  ),
  ...refused(
    'DescribeStreamLinkFlows',
    ['PageNum', 'pages begin at 1', () => ({ PageNum: 0 })],
    ['PageSize', 'a page has 1000 at most', () => ({ PageSize: 1001 })],
    ['InternalError', 'the server is at fault', confused(() => ({}))],
  ),
  ...refused(
    'ModifyStreamLinkFlow',
    ['Id', 'there is no such flow', () => ({ FlowId: 'unknown', FlowName: 'A' })],
    ['Name', 'it is too long', ({ FlowId }) => ({ FlowId, FlowName: 'a'.repeat(65) })],
    ['InternalError', 'the disk is full', broken(({ FlowId }) => ({ FlowId, FlowName: 'A' }))],
  ),
  ...refused(
    'DeleteStreamLinkFlow',
    ['Id', 'there is no such flow', unknown],
    ['State', 'the flow runs', running(own)],
    ['InternalError', 'the disk is full', broken(own)],
  ),
  ...refused(
    'ModifyStreamLinkInput',
    ['Id', 'there is no such flow', () => ({ FlowId: 'unknown', Input: { InputId: 'unknown' } })],
    ['Id', 'the flow has no such input', withInput({ InputId: 'unknown' })],
    ['Input', 'a range has bits beyond its prefix', withInput({ AllowIpList: ['10.0.0.1/8'] })],
    ['Input', 'there is no key to keep', withInput({ SRTSettings: { PbKeyLen: 16 } })],
    ['Protocol', 'the flow has outputs', withInput({ Protocol: 'RTMP' })],
    ['State', 'the flow runs', running(withInput({ SRTSettings: { Latency: 500 } }))],
    ['InternalError', 'the disk is full', broken(withInput({ Description: 'new' }))],
  ),
  ...refused(
    'CreateStreamLinkOutputInfo',
    ['Id', 'there is no such flow', () => ({ FlowId: 'unknown', Output: srtOutput(to('198.51.100.9', 9000)) })],
    ['Name', 'it is empty', newOutput({ OutputName: '' })],
    ['Output', 'there is no destination', newOutput({ SRTSettings: { Destinations: [] } })],
    ['Output', 'there are no settings', newOutput({ SRTSettings: undefined })],
    ['Output', 'there is no such region', newOutput({ OutputRegion: 'the-moon', ...to('198.51.100.9', 9000) })],
    ['Output', 'another output sends there', newOutput({})],
    ['Output', 'a host is none', newOutput(to('http://x', 9000))],
    [
      'Protocol',
      'what comes by SRT does not go by RTP',
      newOutput({
        Protocol: 'RTP',
        SRTSettings: undefined,
        RTPSettings: { Destinations: [{ Ip: '10.0.0.1', Port: 5004 }] },
      }),
    ],
    ['Protocol', 'pulls are not offered', newOutput({ Protocol: 'RTMP_PULL', SRTSettings: undefined })],
    ['State', 'the flow runs', running(newOutput(to('198.51.100.9', 9000)))],
    [
      'ExceededQuantityLimit',
      'a flow has 64 outputs at most',
      async ({ FlowId }, house) => {
        for (let port = 9001; port < 9064; port++)
          await house.call('CreateStreamLinkOutputInfo', { FlowId, Output: srtOutput(to('198.51.100.1', port)) });
        return { FlowId, Output: srtOutput(to('198.51.100.9', 9000)) };
      },
    ],
    ['InternalError', 'the disk is full', broken(newOutput(to('198.51.100.9', 9000)))],
  ),
  ...refused(
    'ModifyStreamLinkOutputInfo',
    ['Id', 'there is no such flow', () => ({ FlowId: 'unknown', Output: { OutputId: 'unknown' } })],
    ['OutputId', 'the flow has no such output', withOutput({ OutputId: 'unknown' })],
    [
      'Output',
      'three destinations are one too many',
      withOutput({ SRTSettings: { Destinations: [1, 2, 3].map((n) => ({ Ip: 'a', Port: n })) } }),
    ],
    ['Protocol', 'it is fixed', withOutput({ Protocol: 'RTMP' })],
    ['State', 'the flow runs', running(withOutput({ Description: 'new' }))],
    ['InternalError', 'the disk is full', broken(withOutput({ Description: 'new' }))],
  ),
  ...refused(
    'DeleteStreamLinkOutput',
    ['Id', 'there is no such flow', () => ({ FlowId: 'unknown', OutputId: 'unknown' })],
    ['NotFound', 'the flow has no such output', ({ FlowId }) => ({ FlowId, OutputId: 'unknown' })],
    ['State', 'the flow runs', running(({ FlowId, OutputId }) => ({ FlowId, OutputId }))],
    ['InternalError', 'the disk is full', broken(({ FlowId, OutputId }) => ({ FlowId, OutputId }))],
  ),
  ...refused(
    'StartStreamLinkFlow',
    ['Id', 'there is no such flow', unknown],
    [
      'OutputGroups',
      'the flow has no output',
      async ({ FlowId, OutputId }, house) => {
        await house.flows.deleteOutput(FlowId, OutputId);
        return { FlowId };
      },
    ],
    ['State', 'the flow runs already', started(own)],
    ['InternalError', 'the disk is full', broken(own)],
  ),
  ...refused(
    'StopStreamLinkFlow',
    ['Id', 'there is no such flow', unknown],
    ['State', 'the flow does not run', own],
    ['InternalError', 'the disk is full', started(broken(own))],
  ),
  ...refused(
    'DescribeStreamLinkFlowRealtimeStatus',
    ['Id', 'there is no such flow', unknown],
    ['NotFound', 'the flow has no such input', ({ FlowId }) => ({ FlowId, InputIds: ['unknown'] })],
    ['NotFound', 'the flow has no such output', ({ FlowId, InputId }) => ({ FlowId, OutputIds: [InputId] })],
    ['InternalError', 'the server is at fault', confused(own)],
  ),
  ...statisticsCases('DescribeStreamLinkFlowStatistics'),
  ...statisticsCases('DescribeStreamLinkFlowMediaStatistics'),
  ...statisticsCases('DescribeStreamLinkFlowSRTStatistics'),
  ...refused(
    'DescribeStreamLinkFlowLogs',
    ['Id', 'there is no such flow', logs({ FlowId: 'unknown' })],
    ['Type', 'there is no such type', logs({ Type: ['flow'] })],
    ['Type', 'none is named', logs({ Type: [] })],
    ['Pipeline', 'there are two', logs({ Pipeline: ['2'] })],
    ['PageSize', 'a page has 1000 at most', logs({ PageSize: 1001 })],
    ['PageNum', 'pages begin at 1', logs({ PageNum: 0 })],
    ['SortType', 'there are two', logs({ SortType: 'up' })],
    ['StartTime', 'it is no time', logs({ StartTime: 'yesterday' })],
    ['EndTime', 'it is no time', logs({ EndTime: 'now' })],
    ['InternalError', 'the log cannot be read', unreadable(logs({}))],
  ),
];

/** What the vendor lists and no request of this server comes to; docs/streamlink-api.md says why. */
const neverSaid = [
  'CreateStreamLinkInput MaxBandwidth',
  'DescribeStreamLinkFlows Id',
  'ModifyStreamLinkFlow State',
  'DescribeStreamLinkFlowLogs NotFound',
];

const codeOf = (suffix: string): string =>
  suffix === 'InternalError' ? suffix : suffix === '' ? 'InvalidParameter' : `InvalidParameter.${suffix}`;

describe('a request that is refused', () => {
  it.each(cases)('by $action with InvalidParameter.$code: $because', async ({ action, code, params }) => {
    const house = createVendorHouse();
    const ids = await madeFlow(house, { output: srtOutput() });
    const request = await params(ids, house);
    const answer = await house.call(action, request);
    expect([answer.status, answer.code, answer.message.length > 10]).toEqual([200, codeOf(code), true]);
    expect(Object.keys(answer.response).sort()).toEqual(['Error', 'RequestId']);
  });

  it.each(Object.entries(actionCodes))('has each code that %s lists', (action, listed) => {
    const said = cases.filter((one) => one.action === action).map(({ code }) => code);
    const missing = listed.filter((code) => !said.includes(code) && !neverSaid.includes(`${action} ${code}`));
    expect(missing).toEqual([]);
  });

  it.each<[string, string, object, string]>([
    ['MissingParameter', 'CreateStreamLinkFlow', { MaxBandwidth: 10_000_000 }, 'FlowName'],
    [
      'MissingParameter',
      'CreateStreamLinkFlow',
      { ...flow, InputGroup: [{ InputName: 'a' }] },
      'InputGroup.0.Protocol',
    ],
    ['MissingParameter', 'DescribeStreamLinkFlow', {}, 'FlowId'],
    ['UnknownParameter', 'DescribeStreamLinkFlow', { FlowId: 'a', Colour: 'red' }, 'Colour'],
    [
      'UnknownParameter',
      'CreateStreamLinkFlow',
      { ...flow, InputGroup: [srtInput({ Colour: 'red' })] },
      'InputGroup.0.Colour',
    ],
  ])('with %s is told which: %s %j', async (code, action, params, name) => {
    for (const way of ['tc3', 'form'] as const) {
      const answer = await createVendorHouse().call(action, params, way);
      expect([answer.code, answer.message]).toEqual([code, expect.stringContaining(name)]);
    }
  });

  it('for an action that is none, or another version, is told so', async () => {
    const house = createVendorHouse();
    expect((await house.call('DeleteStreamLinkInput')).code).toBe('InvalidAction');
    expect((await house.call('constructor')).code).toBe('InvalidAction');
    const old = signed('form', 'DescribeStreamLinkFlows', {}, signer, { Version: '2019-06-12' });
    expect((await house.send(old)).code).toBe('NoSuchVersion');
  });

  it('for a fault of the server is told nothing of it but a number, which the log has', async () => {
    const house = createVendorHouse();
    house.store.all = () => {
      throw new Error('a bug in the cellar');
    };
    const { code, message, response } = await house.call('DescribeStreamLinkFlows');
    expect([code, message]).toEqual(['InternalError', expect.not.stringContaining('cellar')]);
    expect(house.complaints).toEqual([expect.stringContaining(String(response['RequestId']))]);
  });
});
