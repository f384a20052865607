/** Every no the server says: a code, words for the person who reads them, and the field where there is one. */

/** kind → HTTP status: invalid 422, conflict 409, missing 404, exhausted 507. */
export type RefusalKind = 'invalid' | 'conflict' | 'missing' | 'exhausted';

interface Entry {
  readonly kind: RefusalKind;
  readonly words: string;
}

const entry = (kind: RefusalKind, words: string): Entry => ({ kind, words });

/** The one table. A code is for programs and never changes; the words say what, and how to mend it. */
export const refusals = {
  'invalid-fields': entry('invalid', 'Some fields need another look.'),
  'flow-not-found': entry('missing', 'There is no flow with this id. It may have been deleted.'),
  'output-not-found': entry('missing', 'This flow has no output with this id. It may have been deleted.'),
  'region-unknown': entry('invalid', 'There is no such region. GET /api/v1/regions lists them.'),
  'bandwidth-not-offered': entry(
    'invalid',
    'This maximum bandwidth is not offered here. The operator sets the choices.',
  ),
  'cidr-invalid': entry('invalid', 'An allowlist entry is an address range such as 203.0.113.0/24.'),
  'cidr-host-bits': entry('invalid', 'The address has bits set beyond its prefix. Write the network address itself.'),
  'field-of-other-protocol': entry('invalid', 'This field belongs to another protocol. Leave it out.'),
  'stream-key-needed': entry('invalid', 'Enter a stream key: there is none to keep.'),
  'no-failover': entry('conflict', 'This flow has no failover, so there is nothing to switch. Turn failover on first.'),
  'switch-idle': entry('conflict', 'Only a running flow can be switched. Start the flow first.'),
  'range-reversed': entry('invalid', 'The range ends before it begins. Exchange its two times.'),
  'range-too-long': entry('invalid', 'A range is shorter than 24 hours. Ask for several.'),
  'range-too-old': entry('invalid', 'The range begins before the days that are kept. Begin it later.'),
  'preview-without-media': entry(
    'conflict',
    'No media arrives at this input now, so there is nothing to see. Ask again when it is connected.',
  ),
  'preview-limit': entry('conflict', 'Too many previews are open on this server. Close one of them first.'),
  'preview-over': entry('missing', 'This preview is over. Open it again from the page of the flow.'),
  'cursor-invalid': entry('invalid', 'This is no cursor of ours. Take it from the page before, or leave it out.'),
  'history-unavailable': entry(
    'exhausted',
    'The kept history cannot be read or written now. The media is not touched; try again, and look at the disk.',
  ),
  'passphrase-needed': entry('invalid', 'Enter a key: there is none to keep.'),
  'destination-is-own-input': entry(
    'invalid',
    'This destination is an input address of this server: the stream would go round for ever.',
  ),
  'destination-taken': entry('invalid', 'Another pipeline of this flow already sends to this address and port.'),
  'srt-to-rtp': entry('invalid', 'A flow with an SRT input cannot have an RTP output. Choose SRT.'),
  'input-protocol-fixed': entry(
    'conflict',
    'The input protocol is fixed once the flow has an output. Delete its outputs first.',
  ),
  'input-locked': entry(
    'conflict',
    'What shapes the link of an input, and failover, can be changed only while the flow is idle. Stop the flow first.',
  ),
  'output-locked': entry(
    'conflict',
    'Outputs cannot be created, edited or deleted while the flow runs. Stop the flow first.',
  ),
  'output-region-fixed': entry(
    'conflict',
    'The region of an output is fixed. Create another output in the other region.',
  ),
  'output-protocol-fixed': entry(
    'conflict',
    'The protocol of an output is fixed. Create another output with the other protocol.',
  ),
  'too-many-outputs': entry('conflict', 'A flow has 64 outputs at most. Delete one, or create another flow.'),
  'no-output': entry('conflict', 'A flow without outputs cannot be started. Create an output first.'),
  'relay-not-found': entry('missing', 'This relay does not run now, so there is nothing to restart.'),
  'restart-under-way': entry('conflict', 'A restart of relays is under way. Wait until it is over.'),
  'relay-not-whole': entry(
    'conflict',
    'Another relay does not carry all its flows now, and a restart could interrupt both pipelines of one. Mend that first.',
  ),
  'flow-not-idle': entry('conflict', 'Only an idle flow can be deleted. Stop the flow first.'),
  'ports-exhausted': entry(
    'exhausted',
    'No free UDP port is left for this flow. Widen STREAMLINK_PORT_RANGE or delete a flow.',
  ),
  'rtmp-ports-exhausted': entry(
    'exhausted',
    'No free TCP port is left for RTMP. Widen STREAMLINK_RTMP_PORT_RANGE, or end the programs that hold its ports.',
  ),
  'storage-fault': entry(
    'exhausted',
    'The database cannot be written, so nothing was changed. Free space on its disk, then try again.',
  ),
} as const satisfies Record<string, Entry>;

export type RefusalCode = keyof typeof refusals;

/** What is wrong with one field. `field` is its path in the request: `input.latencyMs`. */
export interface FieldFault {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

/** The operator asked for what the rules forbid. Thrown by rules and doors' parsers, caught once per way in. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  readonly kind: RefusalKind;
  readonly faults: readonly FieldFault[];

  constructor(code: RefusalCode, faults: readonly FieldFault[] = []) {
    super(refusals[code].words);
    this.code = code;
    this.kind = refusals[code].kind;
    this.faults = faults;
  }
}

/** A refusal of one field of the request. */
export const refuseField = (code: RefusalCode, field: string): Refusal =>
  new Refusal(code, [{ field, code, message: refusals[code].words }]);
