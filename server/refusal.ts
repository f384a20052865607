/** Every no the server says: a code, words for the person who reads them, and the field where there is one. */

/** kind → HTTP status: invalid 422, conflict 409, missing 404, outdated 412, exhausted 507. */
export type RefusalKind = 'invalid' | 'conflict' | 'missing' | 'outdated' | 'exhausted';

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
  'revision-changed': entry(
    'outdated',
    'The flow was changed after you read it, so nothing was done. Read it again, and decide on what it is now.',
  ),
  'idempotency-key-reused': entry(
    'invalid',
    'This Idempotency-Key was used for another request within 24 hours. Use a new key for a new request.',
  ),
  'idempotency-answer-unknown': entry(
    'conflict',
    'The first request with this Idempotency-Key was cut off, so it is not known what came of it. Look at what is there, then use a new key.',
  ),
  'api-key-not-found': entry('missing', 'There is no API key with this id. It may have been removed.'),
  'last-api-key': entry(
    'conflict',
    'The last API key cannot be removed: nobody could call the API any more. Create another one first.',
  ),
  'too-many-api-keys': entry('conflict', 'There are 100 API keys at most. Remove one that nobody uses.'),
  'name-taken': entry('invalid', 'There is a flow of this name. Import with names: rename, or with names: allow.'),
  'nothing-to-export': entry('conflict', 'There is no flow to export. Create one first.'),
  'import-refused': entry('invalid', 'Some flows of this file cannot be made, so none was. The faults name them.'),
  'import-passphrase-needed': entry('invalid', 'This file has secrets. Give the passphrase that it was exported with.'),
  'import-passphrase-wrong': entry(
    'invalid',
    'The passphrase does not open the secrets of this file. Or the file is damaged.',
  ),
  'secret-left-out': entry(
    'invalid',
    'This secret was left out of the file. Export it with a passphrase, or write the secret here before you import it.',
  ),
  'no-input': entry('conflict', 'This flow has no input yet. Create its input first.'),
  'input-exists': entry(
    'conflict',
    'A flow has one input, and this flow has it already. Edit that, or create another flow.',
  ),
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
  'alarm-not-found': entry('missing', 'There is no alarm with this id. It may be older than what is kept.'),
  'alarm-rule-not-found': entry('missing', 'There is no alarm rule with this id. It may have been deleted.'),
  'alarm-rule-exists': entry(
    'conflict',
    'There is a rule of this kind for this flow, or for all flows, already. Edit that one.',
  ),
  'alarm-rule-of-server': entry('invalid', 'This kind is about the server and not about a flow. Leave the flow out.'),
  'alarm-threshold-needed': entry('invalid', 'This kind of rule needs a threshold.'),
  'alarm-threshold-not-used': entry('invalid', 'This kind of rule has no threshold. Leave it out.'),
  'too-many-alarm-rules': entry('conflict', 'There are 1,000 alarm rules at most. Delete one.'),
  'webhook-not-found': entry('missing', 'There is no webhook with this id. It may have been deleted.'),
  'webhook-url-invalid': entry(
    'invalid',
    'The URL begins with http:// or https:// and has no user name and no password.',
  ),
  'webhook-address-refused': entry(
    'invalid',
    'Link-local, multicast and metadata addresses are not called: a URL there could read the secrets of a cloud machine.',
  ),
  'webhook-off': entry('conflict', 'This webhook is turned off, so nothing is sent to it. Turn it on first.'),
  'too-many-webhooks': entry('conflict', 'There are 20 webhooks at most. Delete one.'),
  'scrape-token-not-found': entry('missing', 'There is no scrape token with this id. It may have been deleted.'),
  'too-many-scrape-tokens': entry('conflict', 'There are 50 scrape tokens at most. Delete one.'),
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
  /** The revision that the flow has now, where the caller expected another. */
  readonly revision?: number;

  constructor(code: RefusalCode, faults: readonly FieldFault[] = [], revision?: number) {
    super(refusals[code].words);
    this.code = code;
    this.kind = refusals[code].kind;
    this.faults = faults;
    if (revision !== undefined) this.revision = revision;
  }
}

/** What `work` does; a refusal of its fields names them within `field`. */
export function within<T>(field: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Refusal) || error.faults.length === 0) throw error;
    throw new Refusal(
      error.code,
      error.faults.map((fault) => ({ ...fault, field: `${field}.${fault.field}` })),
    );
  }
}

/** A refusal of one field of the request. */
export const refuseField = (code: RefusalCode, field: string): Refusal =>
  new Refusal(code, [{ field, code, message: refusals[code].words }]);
