import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createVendorHouse, madeFlow, srtInput, srtOutput, type VendorHouse } from '../../../kit/vendor-house.ts';
import { ways } from '../../../kit/vendor-signing.ts';

const infoSchema = z.object({ Info: z.looseObject({}) });
const infoOf = (response: unknown) => infoSchema.parse(response).Info;

async function described(house: VendorHouse, FlowId: string) {
  const { response } = await house.call('DescribeStreamLinkFlow', { FlowId });
  const group = z.array(z.looseObject({}));
  const { InputGroup, OutputGroup } = z.object({ InputGroup: group, OutputGroup: group }).parse(infoOf(response));
  return { input: InputGroup[0] ?? {}, outputs: OutputGroup };
}

const refusalOf = async (house: VendorHouse, action: string, params: object): Promise<readonly [string, string]> => {
  const { code, message } = await house.call(action, params);
  return [code, message];
};

describe('an input', () => {
  it.each(ways)('by SRT is described as it was created, signed by %s', async (way) => {
    const house = createVendorHouse();
    const SRTSettings = {
      Mode: 'LISTENER',
      Latency: 0,
      RecvLatency: 300,
      PeerLatency: 0,
      PeerIdleTimeout: 5000,
      Passphrase: 'a secret = of & mine',
      PbKeyLen: 24,
      StreamId: '#!::r=gate,m=publish',
    };
    const input = srtInput({
      SRTSettings,
      AllowIpList: ['10.0.0.0/8', '192.0.2.1/32'],
      Description: 'Gate 3',
      FailOver: 'OPEN',
    });
    const { FlowId } = await madeFlow(house, { input });
    const made = await house.call(
      'CreateStreamLinkFlow',
      { FlowName: 'B', MaxBandwidth: 50_000_000, InputGroup: [input] },
      way,
    );
    const InputAddressList = [
      expect.objectContaining({ Ip: 'relay.example.net' }),
      expect.objectContaining({ Ip: 'relay.example.net' }),
    ];
    const expected = {
      InputName: 'Camera_1',
      Description: 'Gate 3',
      Protocol: 'SRT',
      InputAddressList,
      AllowIpList: ['10.0.0.0/8', '192.0.2.1/32'],
      FailOver: 'OPEN',
      SRTSettings: { ...SRTSettings, Latency: 300, PeerLatency: 300, SourceAddresses: [] },
      RTPSettings: null,
      RTMPSettings: null,
    };
    expect((await described(house, FlowId)).input).toMatchObject(expected);
    expect(infoOf(made.response)).toMatchObject({ MaxBandwidth: 50_000_000, InputGroup: [expected] });
  });

  it('without settings has those of the guide: 120 ms, in clear, open to all, two pipelines apart', async () => {
    const house = createVendorHouse();
    const { FlowId } = await madeFlow(house);
    expect((await described(house, FlowId)).input).toMatchObject({
      AllowIpList: ['0.0.0.0/0'],
      FailOver: 'CLOSE',
      SRTSettings: { Latency: 120, RecvLatency: 120, PeerLatency: 120, Passphrase: '', PbKeyLen: 0 },
    });
  });

  it('by RTMP has two addresses and one key, which both pipelines take', async () => {
    const house = createVendorHouse();
    const { FlowId } = await madeFlow(house, { input: { InputName: 'a', Protocol: 'RTMP' } });
    const { input } = await house.flows.get(FlowId);
    const keys = input.protocol === 'rtmp' ? input.streamKeys : undefined;
    expect(keys?.backup).toBe(keys?.primary);
    expect((await described(house, FlowId)).input).toMatchObject({
      InputAddressList: [
        { Ip: 'relay.example.net', Port: 1935 },
        { Ip: 'relay.example.net', Port: 1936 },
      ],
      RTMPSettings: { AppName: FlowId, StreamKey: keys?.primary },
    });
  });

  it.each([
    [{}, 5000],
    [{ IdleTimeout: 8000 }, 8000],
  ])('by RTP with %j is idle after %i ms', async (RTPSettings, idle) => {
    const house = createVendorHouse();
    const { FlowId } = await madeFlow(house, { input: { InputName: 'a', Protocol: 'RTP', RTPSettings } });
    expect((await house.flows.get(FlowId)).input).toMatchObject({ idleTimeoutMs: idle });
    expect((await described(house, FlowId)).input).toMatchObject({ RTPSettings: { FEC: 'none', IdleTimeout: idle } });
  });

  it.each([
    [{ Latency: 200 }, 200],
    [{ RecvLatency: 250, Latency: 0 }, 250],
    [{ PeerLatency: 90, RecvLatency: 80 }, 90],
    [{ Latency: 0, RecvLatency: 0, PeerLatency: 0 }, 120],
  ])('with %j has a latency of %i ms: the largest wish, and 0 wishes for nothing', async (SRTSettings, latency) => {
    const house = createVendorHouse();
    const { FlowId } = await madeFlow(house, { input: srtInput({ SRTSettings }) });
    expect((await house.flows.get(FlowId)).input).toMatchObject({ latencyMs: latency });
  });

  it('keeps what an edit leaves out, and drops its key for an empty one', async () => {
    const house = createVendorHouse();
    const secret = { Passphrase: 'a secret of mine', PbKeyLen: 32, RecvLatency: 400 };
    const { FlowId, InputId } = await madeFlow(house, { input: srtInput({ SRTSettings: secret, Description: 'old' }) });
    const edit = async (more: object) => {
      const { response } = await house.call('ModifyStreamLinkInput', { FlowId, Input: { InputId, ...more } });
      return infoOf(response);
    };
    expect(await edit({ Description: 'new' })).toMatchObject({
      Description: 'new',
      SRTSettings: { ...secret, Latency: 400 },
    });
    expect(await edit({ SRTSettings: { PbKeyLen: 16 } })).toMatchObject({ SRTSettings: { ...secret, PbKeyLen: 16 } });
    expect(await edit({ SRTSettings: { Passphrase: 'another secret' } })).toMatchObject({
      SRTSettings: { Passphrase: 'another secret', PbKeyLen: 16 },
    });
    expect(await edit({ SRTSettings: { Passphrase: '' } })).toMatchObject({
      SRTSettings: { Passphrase: '', PbKeyLen: 0 },
    });
    expect(await edit({ SRTSettings: { StreamId: 'gate' } })).toMatchObject({ SRTSettings: { StreamId: 'gate' } });
    expect(await edit({ SRTSettings: { Latency: 500 } })).toMatchObject({
      SRTSettings: { StreamId: 'gate', Latency: 500 },
    });
    expect(await edit({ SRTSettings: { StreamId: '' } })).toMatchObject({
      SRTSettings: { StreamId: '', Latency: 500 },
    });
    expect(await edit({ FailOver: 'OPEN' })).toMatchObject({ FailOver: 'OPEN', Description: 'new' });
    expect(await edit({ FailOver: 'CLOSE' })).toMatchObject({ FailOver: 'CLOSE' });
    expect(await edit({ Protocol: 'RTMP' })).toMatchObject({ Protocol: 'RTMP', SRTSettings: null });
  });

  it('may have its whole description sent back as an edit', async () => {
    const house = createVendorHouse();
    const SRTSettings = { Passphrase: 'a secret of mine', PbKeyLen: 32, Latency: 400 };
    const { FlowId } = await madeFlow(house, { input: srtInput({ SRTSettings, FailOver: 'OPEN' }) });
    const before = await house.flows.get(FlowId);
    const { input } = await described(house, FlowId);
    const { InputAddressList: _, RTMPSettings: __, InputRegion: ___, ...Input } = input;
    expect((await house.call('ModifyStreamLinkInput', { FlowId, Input })).message).toBe('');
    expect((await house.flows.get(FlowId)).input).toEqual(before.input);
  });

  it.each<[string, object]>([
    ['SRTSettings.Mode', { SRTSettings: { Mode: 'CALLER' } }],
    ['SRTSettings.StreamId', { SRTSettings: { StreamId: 'a b' } }],
    ['SRTSettings.PeerIdleTimeout', { SRTSettings: { PeerIdleTimeout: 6000 } }],
    ['SRTSettings.SourceAddresses', { SRTSettings: { SourceAddresses: [{ Ip: '10.0.0.1', Port: 9000 }] } }],
    ['SRTSettings.FEC', { SRTSettings: { FEC: { Enable: true } } }],
    ['RTPSettings.FEC', { Protocol: 'RTP', RTPSettings: { FEC: 'rows' } }],
    ['RTPSettings.IdleTimeout', { Protocol: 'RTP', RTPSettings: { IdleTimeout: 999 } }],
    ['RTMPPullSettings', { RTMPPullSettings: { SourceAddresses: [{ TcUrl: 'rtmp://a/b', StreamKey: 'c' }] } }],
    ['RTSPPullSettings', { RTSPPullSettings: { SourceAddresses: [{ Url: 'rtsp://a/b' }] } }],
    ['HLSPullSettings', { HLSPullSettings: { SourceAddresses: [{ Url: 'http://a/b' }] } }],
    ['ResilientStream.Enable', { ResilientStream: { Enable: true } }],
    ['ResilientStream.BufferTime', { ResilientStream: { Enable: false, BufferTime: 20 } }],
    ['SecurityGroupIds', { SecurityGroupIds: ['group'] }],
    ['Zones', { Zones: ['zone'] }],
    ['RTPSettings', { RTPSettings: { FEC: 'none' } }],
    ['SRTSettings.PbKeyLen', { SRTSettings: { PbKeyLen: 17 } }],
  ])('is refused with %s by its name, and nothing is made or changed', async (name, more) => {
    const house = createVendorHouse();
    const flow = { FlowName: 'News', MaxBandwidth: 10_000_000, InputGroup: [srtInput(more)] };
    const expected = ['InvalidParameter.Input', expect.stringContaining(name)];
    expect(await refusalOf(house, 'CreateStreamLinkFlow', flow)).toEqual(expected);
    expect(house.store.all()).toEqual([]);
    const { FlowId, InputId } = await madeFlow(house, {
      input: srtInput('Protocol' in more ? { Protocol: more.Protocol } : {}),
    });
    const before = await house.flows.get(FlowId);
    expect(await refusalOf(house, 'ModifyStreamLinkInput', { FlowId, Input: { InputId, ...more } })).toEqual(expected);
    expect(await house.flows.get(FlowId)).toEqual(before);
  });

  it.each(['RTMP_PULL', 'RTSP_PULL', 'HLS_PULL', 'RIST', 'srt'])(
    'by %s is refused by its protocol',
    async (Protocol) => {
      const house = createVendorHouse();
      const flow = { FlowName: 'News', MaxBandwidth: 10_000_000, InputGroup: [srtInput({ Protocol })] };
      expect((await house.call('CreateStreamLinkFlow', flow)).code).toBe('InvalidParameter.Protocol');
    },
  );
});

describe('an output', () => {
  const rtmp = { Destinations: [{ Url: 'rtmp://live.example.com/app', StreamKey: 'key?a=b' }] };

  it('by SRT has one destination or two, primary first, and its key is echoed', async () => {
    const house = createVendorHouse();
    const Destinations = [
      { Ip: '198.51.100.1', Port: 9000 },
      { Ip: '198.51.100.2', Port: 9001 },
    ];
    const SRTSettings = {
      ...{ Destinations, Latency: 250, Passphrase: 'a secret of mine', PbKeyLen: 16 },
      StreamId: 'publish=studio',
    };
    const { FlowId } = await madeFlow(house, { output: srtOutput({ SRTSettings }) });
    const [output] = (await house.flows.get(FlowId)).outputs;
    expect(output?.destinations).toEqual({
      primary: { host: '198.51.100.1', port: 9000 },
      backup: { host: '198.51.100.2', port: 9001 },
    });
    expect((await described(house, FlowId)).outputs).toMatchObject([
      {
        OutputName: 'Studio',
        OutputType: 'Internet',
        Protocol: 'SRT',
        OutputRegion: 'asia',
        SRTSettings: { ...SRTSettings, Mode: 'CALLER', RecvLatency: 250 },
        RTPSettings: null,
        RTMPSettings: null,
      },
    ]);
  });

  it.each(ways)('by RTMP has URLs and keys, signed by %s', async (way) => {
    const house = createVendorHouse();
    const { FlowId } = await madeFlow(house);
    const Output = {
      OutputName: 'Site',
      Description: 'x',
      Protocol: 'RTMP',
      OutputRegion: 'europe',
      RTMPSettings: rtmp,
    };
    const made = await house.call('CreateStreamLinkOutputInfo', { FlowId, Output }, way);
    expect(infoOf(made.response)).toMatchObject({ ...Output, RTMPSettings: rtmp });
  });

  it('by RTP of an RTP input is sent where it says', async () => {
    const house = createVendorHouse();
    const RTPSettings = { Destinations: [{ Ip: '239.0.0.1', Port: 5004 }], FEC: 'none', IdleTimeout: 5000 };
    const output = { OutputName: 'Hall', Description: '', Protocol: 'RTP', OutputRegion: 'asia', RTPSettings };
    const { FlowId } = await madeFlow(house, { input: { InputName: 'a', Protocol: 'RTP' }, output });
    expect((await described(house, FlowId)).outputs).toMatchObject([
      { Protocol: 'RTP', RTPSettings: { Destinations: RTPSettings.Destinations, FEC: 'none' } },
    ]);
  });

  it('keeps what an edit leaves out', async () => {
    const house = createVendorHouse();
    const { FlowId, OutputId } = await madeFlow(house, { output: srtOutput({ Description: 'old' }) });
    const Destinations = [{ Ip: '198.51.100.7', Port: 9007 }];
    const Output = { OutputId, OutputName: 'Hall 2', Protocol: 'SRT', SRTSettings: { Destinations } };
    const { response } = await house.call('ModifyStreamLinkOutputInfo', { FlowId, Output });
    expect(infoOf(response)).toMatchObject({
      OutputName: 'Hall 2',
      Description: 'old',
      OutputRegion: 'asia',
      SRTSettings: { Destinations, Latency: 120 },
    });
  });

  it.each<[string, object]>([
    ['SRTSettings.Mode', { SRTSettings: { Mode: 'LISTENER' } }],
    ['SRTSettings.StreamId', { SRTSettings: { StreamId: 'a b' } }],
    ['SRTSettings.PeerIdleTimeout', { SRTSettings: { PeerIdleTimeout: 1000 } }],
    ['AllowIpList', { AllowIpList: ['10.0.0.0/8'] }],
    ['MaxConcurrent', { MaxConcurrent: 4 }],
    ['SecurityGroupIds', { SecurityGroupIds: ['group'] }],
    ['Zones', { Zones: ['zone'] }],
    ['RTMPSettings', { RTMPSettings: rtmp }],
    ['RTMPSettings.ChunkSize', { RTMPSettings: { ...rtmp, ChunkSize: 4096 } }],
    ['RTPSettings.IdleTimeout', { RTPSettings: { IdleTimeout: 1000 } }],
  ])('is refused with %s by its name, and nothing is made or changed', async (name, more) => {
    const house = createVendorHouse();
    const { FlowId, OutputId } = await madeFlow(house, { output: srtOutput() });
    const before = await house.flows.get(FlowId);
    const expected = ['InvalidParameter.Output', expect.stringContaining(name)];
    const Output = srtOutput(more);
    expect(await refusalOf(house, 'CreateStreamLinkOutputInfo', { FlowId, Output })).toEqual(expected);
    expect(await refusalOf(house, 'ModifyStreamLinkOutputInfo', { FlowId, Output: { OutputId, ...more } })).toEqual(
      expected,
    );
    expect(await house.flows.get(FlowId)).toEqual(before);
  });

  it('stays in its region: an edit has no field for it', async () => {
    const house = createVendorHouse();
    const { FlowId, OutputId } = await madeFlow(house, { output: srtOutput() });
    const params = { FlowId, Output: { OutputId, OutputRegion: 'europe' } };
    expect((await house.call('ModifyStreamLinkOutputInfo', params)).code).toBe('UnknownParameter');
  });
});
