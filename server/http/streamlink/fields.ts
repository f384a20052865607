/**
 * The form of what the vendor's clients send, action by action. What a form carries as text is made what it stands for.
 * A field of the vendor's that does nothing here is refused by its name; one that is unknown is refused too.
 */
import { z } from 'zod';

/** Is nothing asked for? A list or a text may be there and empty. */
const isEmpty = (value: unknown): boolean =>
  value === undefined || value === '' || (Array.isArray(value) && value.length === 0);

const unbuilt = z.unknown().refine(isEmpty, 'This is not offered here. Leave it out.').optional();

const toNumber = (value: unknown): unknown =>
  typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
const toBoolean = (value: unknown): unknown => (value === 'true' ? true : value === 'false' ? false : value);

const whole = (min: number, max: number) =>
  z.preprocess(toNumber, z.int('A whole number.').min(min, `At least ${min}.`).max(max, `At most ${max}.`));
const optionalWhole = (min: number, max: number) =>
  z.preprocess(toNumber, z.int('A whole number.').min(min, `At least ${min}.`).max(max, `At most ${max}.`).optional());
/** Only what is true here anyway. */
const fixed = (value: number | boolean) =>
  z
    .preprocess(
      typeof value === 'number' ? toNumber : toBoolean,
      z
        .unknown()
        .refine((given) => given === undefined || given === value, `This is ${value} here, and cannot be another.`),
    )
    .optional();
const fixedWord = (word: string) =>
  z
    .unknown()
    .refine((given) => isEmpty(given) || given === word, `This is ${word} here; nothing else is offered.`)
    .optional();

const id = z.string().regex(/^[\w-]{1,64}$/, 'This is no id of ours.');
const name = z.string().min(1, 'Enter a name.').max(64, 'A name has 64 characters or fewer.');
/** The vendor's rule; names that were given elsewhere may be other ones, and stay. */
const plainName = z.string().regex(/^\w{1,32}$/, 'A name has 1 to 32 letters, digits and _.');
const description = z.string().max(255, 'A description has 255 characters or fewer.').optional();
const protocol = z.enum(['SRT', 'RTP', 'RTMP'], 'SRT, RTP and RTMP are offered here.');
const list = <S extends z.ZodType>(item: S) => z.array(item, 'A list.');
const allowlist = list(z.string()).optional();

const srt = {
  Latency: optionalWhole(0, 3000),
  RecvLatency: optionalWhole(0, 3000),
  PeerLatency: optionalWhole(0, 3000),
  PeerIdleTimeout: fixed(5000),
  Passphrase: z.string().optional(),
  PbKeyLen: z.preprocess(toNumber, z.literal([0, 16, 24, 32], '0, 16, 24 or 32.').optional()),
  StreamId: z
    .string()
    .regex(/^[\w.#!:&,=-]{0,512}$/, 'A stream ID has 512 letters, digits and .#!:&,=_- at most.')
    .optional(),
  FEC: unbuilt,
};
const address = z.strictObject({ Ip: z.string(), Port: whole(1, 65_535) });

const inputSrt = z.strictObject({ ...srt, Mode: fixedWord('LISTENER'), SourceAddresses: unbuilt }).optional();
const inputRtp = z.strictObject({ FEC: fixedWord('none'), IdleTimeout: optionalWhole(1000, 10_000) }).optional();

const inputFields = {
  Description: description,
  AllowIpList: allowlist,
  SRTSettings: inputSrt,
  RTPSettings: inputRtp,
  FailOver: z.enum(['OPEN', 'CLOSE'], 'OPEN or CLOSE.').optional(),
  RTMPPullSettings: unbuilt,
  RTSPPullSettings: unbuilt,
  HLSPullSettings: unbuilt,
  RISTSettings: unbuilt,
  ResilientStream: z.strictObject({ Enable: fixed(false), BufferTime: unbuilt }).optional(),
  SecurityGroupIds: unbuilt,
  Zones: unbuilt,
  InputRegion: unbuilt,
};

const createInput = z.strictObject({ InputName: plainName, Protocol: protocol, ...inputFields });
const modifyInput = z.strictObject({
  InputId: id,
  InputName: name.optional(),
  Protocol: protocol.optional(),
  ...inputFields,
});

const destinations = <S extends z.ZodType>(destination: S) =>
  list(destination).min(1, 'Name one destination, or two: primary and backup.').max(2, 'Two destinations at most.');

const outputSrt = z
  .strictObject({
    ...srt,
    Mode: fixedWord('CALLER'),
    Destinations: destinations(address).optional(),
    SourceAddresses: unbuilt,
  })
  .optional();
/** What is sent over RTP has no connection that could be idle: only the vendor's own value is taken, which its clients must send. */
const outputRtp = z
  .strictObject({
    Destinations: destinations(address).optional(),
    FEC: fixedWord('none'),
    IdleTimeout: fixed(5000),
  })
  .optional();
const outputRtmp = z
  .strictObject({
    Destinations: destinations(z.strictObject({ Url: z.string(), StreamKey: z.string() })).optional(),
    ChunkSize: unbuilt,
  })
  .optional();

const outputFields = {
  Description: description,
  SRTSettings: outputSrt,
  RTPSettings: outputRtp,
  RTMPSettings: outputRtmp,
  RISTSettings: unbuilt,
  AllowIpList: unbuilt,
  MaxConcurrent: unbuilt,
  SecurityGroupIds: unbuilt,
  Zones: unbuilt,
  OutputKind: unbuilt,
  PidSelector: unbuilt,
};

const createOutput = z.strictObject({
  OutputName: name,
  Protocol: protocol,
  OutputRegion: z.string(),
  ...outputFields,
});
const modifyOutput = z.strictObject({
  OutputId: id,
  OutputName: name.optional(),
  Protocol: protocol.optional(),
  ...outputFields,
});

const time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'A time is in UTC, such as 2020-01-01T12:00:00Z.')
  .refine((text) => !Number.isNaN(Date.parse(text)), 'There is no such time.')
  .transform((text) => Date.parse(text))
  .optional();

const sideNames = ['input', 'output'] as const;
const side = z.preprocess(
  (value) => (typeof value === 'string' ? value.toLowerCase() : value),
  z.enum(sideNames, 'input or output.'),
);
/** The vendor's names of pipelines. */
const pipelineNames = { '0': 'primary', '1': 'backup' } as const;
const pipeline = z.enum(['0', '1'], '0 for primary, 1 for backup.').transform((digit) => pipelineNames[digit]);
const some = <S extends z.ZodType>(item: S) => list(item).min(1, 'Name one at least.');

const statistics = z.strictObject({
  FlowId: id,
  Type: side,
  InputOutputId: id,
  Pipeline: pipeline,
  Period: z.enum(['5s', '1min', '5min', '15min'], '5s, 1min, 5min or 15min.'),
  StartTime: time,
  EndTime: time,
});

const flow = z.strictObject({ FlowId: id });

export const fields = {
  DescribeStreamLinkRegions: z.strictObject({}),
  CreateStreamLinkFlow: z.strictObject({
    FlowName: name,
    MaxBandwidth: whole(1, Number.MAX_SAFE_INTEGER),
    InputGroup: list(createInput).optional(),
    EventId: unbuilt,
    OutputGroup: unbuilt,
  }),
  CreateStreamLinkInput: z.strictObject({ FlowId: id, InputGroup: list(createInput).min(1, 'Name an input.') }),
  DescribeStreamLinkFlow: flow,
  DescribeStreamLinkFlows: z.strictObject({
    PageNum: optionalWhole(1, 1_000_000),
    PageSize: optionalWhole(1, 1000),
  }),
  ModifyStreamLinkFlow: z.strictObject({ FlowId: id, FlowName: name }),
  DeleteStreamLinkFlow: flow,
  ModifyStreamLinkInput: z.strictObject({ FlowId: id, Input: modifyInput }),
  CreateStreamLinkOutputInfo: z.strictObject({ FlowId: id, Output: createOutput }),
  ModifyStreamLinkOutputInfo: z.strictObject({ FlowId: id, Output: modifyOutput }),
  DeleteStreamLinkOutput: z.strictObject({ FlowId: id, OutputId: id }),
  StartStreamLinkFlow: flow,
  StopStreamLinkFlow: flow,
  DescribeStreamLinkFlowRealtimeStatus: z.strictObject({
    FlowId: id,
    InputIds: list(z.string()).optional(),
    OutputIds: list(z.string()).optional(),
  }),
  DescribeStreamLinkFlowStatistics: statistics,
  DescribeStreamLinkFlowMediaStatistics: statistics,
  DescribeStreamLinkFlowSRTStatistics: statistics,
  DescribeStreamLinkFlowLogs: z.strictObject({
    FlowId: id,
    StartTime: time,
    EndTime: time,
    Type: some(side),
    Pipeline: some(pipeline),
    PageSize: optionalWhole(1, 1000),
    SortType: z.enum(['desc', 'asc'], 'desc or asc.').optional(),
    PageNum: optionalWhole(1, 1000),
  }),
} as const;

export type CreateInput = z.output<typeof createInput>;
export type ModifyInput = z.output<typeof modifyInput>;
export type CreateOutput = z.output<typeof createOutput>;
export type ModifyOutput = z.output<typeof modifyOutput>;
/** The three latencies, the key and the stream ID of an SRT link, of inputs and outputs alike. */
export type SrtFields = Pick<
  NonNullable<CreateInput['SRTSettings']>,
  'Latency' | 'RecvLatency' | 'PeerLatency' | 'Passphrase' | 'PbKeyLen' | 'StreamId'
>;
export type StatisticsAsked = z.output<typeof statistics>;
export type LogsAsked = z.output<(typeof fields)['DescribeStreamLinkFlowLogs']>;
export type StatusAsked = z.output<(typeof fields)['DescribeStreamLinkFlowRealtimeStatus']>;
