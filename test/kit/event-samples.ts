/** One line of the log for each code, with every fact that it may carry: for the words, and for docs/events.md. */
import type { LogEvent } from '../../db/model.ts';
import type { EventCode } from '../../web/views/words-events.ts';
import { logEvent } from './log-events.ts';

const peer = { address: '192.0.2.7', port: 4711 };
const srt = { protocol: 'srt' } as const;
const api = { by: 'api', key: 'key-1' } as const;
const relay = { relay: 'europe-1', pipeline: 'primary' } as const;
const sink = { role: 'output', name: 'Studio', endpointId: 'out-1' } as const;
const format = 'PID 256: H.264 High 1920x1080 25 fps; PID 257: AAC LC 48 kHz 2 ch';

const ofPeers = {
  connected: { peer, facts: { ...srt, latencyMs: 120, keyLength: 256 } },
  disconnected: {
    ...sink,
    peer,
    facts: { ...srt, cause: 'peer-closed', by: 'peer', durationMs: 7_385_000, retryInMs: 250 },
  },
  refused: { peer, count: 12, facts: { ...srt, cause: 'passphrase-wrong', overMs: 60_000 } },
  retry: { ...sink, peer, facts: { ...srt, cause: 'no-answer', attempt: 8, triedForMs: 31_000, retryInMs: 4200 } },
  stalled: { peer, facts: { ...srt, cause: 'stalled', quietMs: 3000 } },
  'flowing-again': { peer, facts: { ...srt, durationMs: 12_000 } },
  'data-lost': { peer, facts: { ...srt, lost: 57, overMs: 8000 } },
};

const ofMedia = {
  'format-found': { facts: { format } },
  'format-changed': { facts: { format, before: 'PID 256: H.264 High 1280x720 50 fps' } },
  'track-dropped': { facts: { codec: 'AC-3', reason: 'unsupported', pid: 258, streamType: 129 } },
  'program-chosen': { facts: { program: 1, others: '2, 3' } },
  'no-keyframe': { facts: {} },
  'over-bandwidth': { facts: { bitrate: 12.4e6, limit: 10e6 } },
  'bandwidth-ok': { facts: { bitrate: 8e6, limit: 10e6 } },
  capped: { facts: { dropped: 1312, limit: 10e6, overMs: 4000 } },
  failover: { facts: { to: 'backup', cause: 'input-lost', gapMs: 520 } },
  'timestamps-jumped': { facts: { jumps: 2, overMs: 0, passed: 'ts' } },
  'dropped-to-slow-peer': { ...sink, facts: { dropped: 7, overMs: 0 } },
  'bad-media': { facts: { damaged: 41, fault: 'continuity', overMs: 16_000 } },
  'pipeline-failed': { facts: { fault: 'TypeError', falls: 1 } },
  'pipeline-quarantined': { facts: { falls: 3, seconds: 60 } },
  'more-events': { count: 120, facts: { of: 'refused', overMs: 9000 } },
  'events-lost': { count: 37, facts: {} },
};

const ofFlows = {
  'flow-created': { facts: api },
  'flow-duplicated': { facts: { from: 'News', fromId: 'flow-1', ...api } },
  'flow-imported': { facts: api },
  'flow-renamed': { facts: { from: 'Old news', ...api } },
  'flow-started': { facts: api },
  'flow-stopped': { facts: api },
  'flow-deleted': { facts: api },
  'input-edited': { facts: { input: 'Camera 1', fields: 'latencyMs, allowlist', ...api } },
  'input-switched': { facts: { to: 'backup', ...api } },
  'output-created': { facts: { output: 'Studio', ...api } },
  'output-edited': { facts: { output: 'Studio', fields: 'destinations', ...api } },
  'output-deleted': { facts: { output: 'Studio', ...api } },
  'relay-lost': { facts: relay },
  'relay-hung': { facts: { ...relay, silentMs: 5200 } },
  'relay-died': { facts: { ...relay, cause: 'crashed', waitMs: 200 } },
  'relay-keeps-ending': { facts: { ...relay, cause: 'crashed', deaths: 3 } },
  'relay-back': { facts: { ...relay, durationMs: 1800 } },
};

const samples: Readonly<Record<EventCode, Partial<LogEvent>>> = { ...ofPeers, ...ofMedia, ...ofFlows };

export const eventSamples: readonly LogEvent[] = Object.entries(samples).map(([code, sample]) =>
  logEvent({
    code,
    ...(code in ofFlows && { role: 'flow', pipeline: undefined, endpointId: 'flow', name: 'News' }),
    ...sample,
  }),
);
