/** The vendor's error codes: which an action may answer with, and which of them each of our refusals is. */
import type { z } from 'zod';
import type { Refusal, RefusalCode } from '../../refusal.ts';

/** Codes under `InvalidParameter.`; the empty one is `InvalidParameter` itself. */
type Suffix =
  | ''
  | 'EndTime'
  | 'ExceededQuantityLimit'
  | 'Id'
  | 'Input'
  | 'InputOutputId'
  | 'MaxBandwidth'
  | 'Name'
  | 'NotFound'
  | 'Output'
  | 'OutputGroups'
  | 'OutputId'
  | 'PageNum'
  | 'PageSize'
  | 'Period'
  | 'Pipeline'
  | 'Protocol'
  | 'SortType'
  | 'StartTime'
  | 'State'
  | 'Type';

const creation = ['', 'ExceededQuantityLimit', 'Input', 'MaxBandwidth', 'Name'] as const;
const statistics = ['EndTime', 'Id', 'InputOutputId', 'NotFound', 'Period', 'Pipeline', 'StartTime', 'Type'] as const;

/** Each action with the codes that the vendor lists for it; every one has InternalError besides. */
export const actionCodes = {
  DescribeStreamLinkRegions: [],
  CreateStreamLinkFlow: creation,
  CreateStreamLinkInput: creation,
  DescribeStreamLinkFlow: ['Id'],
  DescribeStreamLinkFlows: ['Id', 'PageNum', 'PageSize'],
  ModifyStreamLinkFlow: ['Id', 'Name', 'State'],
  DeleteStreamLinkFlow: ['Id', 'State'],
  ModifyStreamLinkInput: ['Id', 'Input', 'Protocol', 'State'],
  CreateStreamLinkOutputInfo: ['ExceededQuantityLimit', 'Id', 'Name', 'Output', 'Protocol', 'State'],
  ModifyStreamLinkOutputInfo: ['Id', 'Output', 'OutputId', 'Protocol', 'State'],
  DeleteStreamLinkOutput: ['Id', 'NotFound', 'State'],
  StartStreamLinkFlow: ['Id', 'OutputGroups', 'State'],
  StopStreamLinkFlow: ['Id', 'State'],
  DescribeStreamLinkFlowRealtimeStatus: ['Id', 'NotFound'],
  DescribeStreamLinkFlowStatistics: statistics,
  DescribeStreamLinkFlowMediaStatistics: statistics,
  DescribeStreamLinkFlowSRTStatistics: statistics,
  DescribeStreamLinkFlowLogs: [
    'EndTime',
    'Id',
    'NotFound',
    'PageNum',
    'PageSize',
    'Pipeline',
    'SortType',
    'StartTime',
    'Type',
  ],
} as const satisfies Record<string, readonly Suffix[]>;

export type Action = keyof typeof actionCodes;

export const isAction = (name: string): name is Action => Object.hasOwn(actionCodes, name);

/** An answer that is an error; the words are for the person who reads them. */
export class VendorError extends Error {
  override readonly name = 'VendorError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Of what might be said, the first that the action may say. A protocol that is not offered is named by every action. */
export function invalid(action: Action, candidates: readonly Suffix[], message: string): VendorError {
  const listed: readonly Suffix[] = [...actionCodes[action], 'Protocol'];
  const suffix = candidates.find((candidate) => listed.includes(candidate));
  return new VendorError(suffix ? `InvalidParameter.${suffix}` : 'InvalidParameter', message);
}

/** What is wrong with the form of a request; `params` is the request. */
export function formError(action: Action, error: z.ZodError, params: unknown): VendorError {
  const [issue] = error.issues;
  if (!issue) return invalid(action, [], 'Some parameters need another look.');
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.map((key) => [...path, key].join('.'));
    return new VendorError('UnknownParameter', `There is no parameter ${names.join(', ')} here.`);
  }
  const place = path.join('.');
  if (path.length > 0 && !isThere(params, path))
    return new VendorError('MissingParameter', `The parameter ${place} is missing.`);
  const candidates = path.toReversed().flatMap((name) => suffixOf[name] ?? []);
  return invalid(action, candidates, place ? `${place}: ${issue.message}` : issue.message);
}

/** What a refusal is to this action. Words about fields are ours and say the same. */
export function refusalError(action: Action, refusal: Refusal): VendorError {
  const message = [...new Set([refusal.message, ...refusal.faults.map(wordsOf)])].join(' ');
  const own = suffixOfRefusal[refusal.code] ?? refusal.faults.flatMap(({ field }) => suffixOfField(field));
  const listed: readonly Suffix[] = actionCodes[action];
  if (refusal.kind === 'exhausted' && !own.some((suffix) => listed.includes(suffix)))
    return new VendorError('InternalError', message);
  return invalid(action, [...own, ...(suffixesOfKind[refusal.kind] ?? [])], message);
}

/** The parameters that have a code of their own. */
const suffixOf: Readonly<Record<string, readonly Suffix[]>> = {
  FlowId: ['Id'],
  FlowName: ['Name'],
  InputName: ['Name'],
  OutputName: ['Name'],
  InputId: ['Id'],
  OutputId: ['OutputId', 'NotFound'],
  InputIds: ['NotFound'],
  OutputIds: ['NotFound'],
  MaxBandwidth: ['MaxBandwidth'],
  Protocol: ['Protocol'],
  InputGroup: ['Input'],
  Input: ['Input'],
  Output: ['Output'],
  InputOutputId: ['InputOutputId'],
  Type: ['Type'],
  Pipeline: ['Pipeline'],
  Period: ['Period'],
  StartTime: ['StartTime'],
  EndTime: ['EndTime'],
  SortType: ['SortType'],
  PageNum: ['PageNum'],
  PageSize: ['PageSize'],
};

/** Refusals that are not told by the field alone. */
const suffixOfRefusal: Readonly<Partial<Record<RefusalCode, readonly Suffix[]>>> = {
  'flow-not-found': ['Id'],
  'output-not-found': ['OutputId', 'NotFound'],
  'no-input': ['OutputGroups', 'State'],
  'input-exists': ['ExceededQuantityLimit'],
  'bandwidth-not-offered': ['MaxBandwidth'],
  'range-reversed': ['EndTime'],
  'range-too-long': ['EndTime'],
  'range-too-old': ['StartTime'],
  'srt-to-rtp': ['Protocol'],
  'input-protocol-fixed': ['Protocol'],
  'output-protocol-fixed': ['Protocol'],
  'too-many-outputs': ['ExceededQuantityLimit'],
  'no-output': ['OutputGroups'],
  'ports-exhausted': ['ExceededQuantityLimit'],
  'rtmp-ports-exhausted': ['ExceededQuantityLimit'],
};

const inOrOut = ['Input', 'Output'] as const;
/** Where a refusal is told by nothing else, its kind tells. */
const suffixesOfKind: Readonly<Partial<Record<string, readonly Suffix[]>>> = {
  invalid: inOrOut,
  conflict: ['State'],
  missing: ['NotFound'],
};

/** `input.name` of our drafts is the input's; a bare `name` is that of what the action makes or edits. */
function suffixOfField(field: string): readonly Suffix[] {
  const leaf = field.split('.').at(-1);
  if (leaf === 'name') return ['Name'];
  return leaf === 'protocol' ? ['Protocol'] : [];
}

const wordsOf = ({ message }: { readonly message: string }): string => message;

function isThere(params: unknown, path: readonly string[]): boolean {
  let value: unknown = params;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return false;
    value = Object.entries(value).find(([key]) => key === name)?.[1];
  }
  return value !== undefined;
}
