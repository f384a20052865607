/** What is measured now, as Prometheus metrics. Base units; labels are of what operators made, so their number is bounded. */
import { type AlarmKind, alarmKinds } from '../db/alarm-model.ts';
import type { Flow } from '../db/model.ts';
import type { EndpointStatus, ProcessVitals } from '../relay/contract/messages.ts';
import { type Pipeline, pipelines } from '../relay/contract/settings.ts';
import type { RelayView } from './relay-view.ts';
import type { Family, Labels, Sample } from './metric-text.ts';
import type { LiveFlow } from './monitor.ts';
import type { StorageWatch } from './storage-watch.ts';
import type { Vitals } from './health-newest.ts';

export interface MetricsGround {
  readonly version: string;
  readonly flows: readonly LiveFlow[];
  readonly vitals: Vitals;
  readonly relays: readonly RelayView[];
  readonly server: ProcessVitals;
  readonly storage: Pick<StorageWatch, 'failed' | 'faults'>;
  /** The kind of each alarm that fires. */
  readonly firing: readonly AlarmKind[];
  readonly webhooks: readonly WebhookFigures[];
}

export interface WebhookFigures {
  readonly webhookId: string;
  readonly name: string;
  readonly waiting: number;
  /** Since the server started. */
  readonly delivered: number;
  readonly failedAttempts: number;
}

/** One end that an operator made, with what is known of it. `status` is absent while no relay vouches for it. */
interface End {
  readonly labels: Labels;
  readonly status: EndpointStatus | undefined;
  readonly values: Readonly<Record<string, number>>;
}

export function collectMetrics(ground: MetricsGround): readonly Family[] {
  return [
    ...aboutServer(ground),
    ...aboutFlows(ground.flows),
    ...aboutEnds(ground.flows.flatMap((live) => endsOf(live, ground.vitals))),
    ...aboutRelays(ground.relays),
    ...aboutWebhooks(ground.webhooks),
  ];
}

const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({
  name,
  type: 'gauge',
  help,
  samples,
});
const counter = (name: string, help: string, samples: readonly Sample[]): Family => ({
  name,
  type: 'counter',
  help,
  samples,
});
const bit = (is: boolean): number => (is ? 1 : 0);

function aboutServer({ version, server, storage, firing }: MetricsGround): readonly Family[] {
  return [
    gauge('streamlink_build_info', 'The release that runs; always 1.', [{ labels: { version }, value: 1 }]),
    ...processFamilies('streamlink_server', 'the server', [{ process: server }]),
    gauge(
      'streamlink_storage_failed',
      '1 while a file of the history takes no writes.',
      Object.entries(storage.failed()).map(([file, failed]) => ({ labels: { file }, value: bit(failed) })),
    ),
    counter(
      'streamlink_storage_faults_total',
      'Faults of the history since the server started.',
      Object.entries(storage.faults()).map(([code, value]) => ({ labels: { code }, value })),
    ),
    gauge(
      'streamlink_alarms_firing',
      'Alarms that fire now.',
      alarmKinds.map((kind) => ({ labels: { kind }, value: firing.filter((it) => it === kind).length })),
    ),
  ];
}

const flowStates = ['idle', 'starting', 'running', 'stopping'] as const;

function aboutFlows(flows: readonly LiveFlow[]): readonly Family[] {
  return [
    gauge(
      'streamlink_flow_state',
      '1 for the state that the flow is in.',
      flows.flatMap(({ flow, state }) =>
        flowStates.map((it) => ({ labels: { ...flowLabels(flow), state: it }, value: bit(it === state) })),
      ),
    ),
    gauge(
      'streamlink_flow_max_bytes_per_second',
      'The maximum bandwidth of each pipeline of the flow.',
      flows.map(({ flow }) => ({ labels: flowLabels(flow), value: flow.maxBitrate / 8 })),
    ),
  ];
}

const flowLabels = ({ id, name, regionId }: Flow): Labels => ({ flow_id: id, flow: name, region: regionId });

function endsOf({ flow, endpoints }: LiveFlow, vitals: Vitals): readonly End[] {
  const made = [
    { id: 'input', role: 'input', at: flow.input, regionId: flow.regionId, uses: pipelines },
    ...flow.outputs.map((output) => ({
      id: output.id,
      role: 'output',
      at: output,
      regionId: output.regionId,
      uses: pipelines.filter((pipeline) => output.destinations[pipeline]),
    })),
  ];
  return made.flatMap(({ id, role, at, regionId, uses }) =>
    uses.map((pipeline: Pipeline): End => {
      const status = endpoints.find((it) => it.id === id && it.pipeline === pipeline);
      return {
        labels: {
          flow_id: flow.id,
          flow: flow.name,
          pipeline,
          endpoint_id: id === 'input' ? flow.input.id : id,
          endpoint: at.name,
          role,
          protocol: at.protocol,
          region: regionId,
        },
        status,
        values: (status && vitals.of({ flowId: flow.id, pipeline, id })?.values) ?? {},
      };
    }),
  );
}

const endStates = ['waiting', 'connected'] as const;

function aboutEnds(ends: readonly End[]): readonly Family[] {
  /** Of the ends of which it is known: what is not measured is absent, never 0. */
  const of = (read: (status: EndpointStatus, values: End['values']) => number | undefined): readonly Sample[] =>
    ends.flatMap(({ labels, status, values }) => {
      const value = status && read(status, values);
      return value === undefined ? [] : [{ labels, value }];
    });
  const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000);
  return [
    gauge(
      'streamlink_endpoint_state',
      '1 for the state that the end is in; connected means that media moved in the last 3 s. 0 in all: not known, or its flow is idle.',
      ends.flatMap(({ labels, status }) =>
        endStates.map((state) => ({ labels: { ...labels, state }, value: bit(status?.state === state) })),
      ),
    ),
    gauge(
      'streamlink_endpoint_connected_timestamp_seconds',
      'Since when the end is connected, as a Unix time; absent while it is not.',
      of(({ state, since }) => (state === 'connected' ? since / 1000 : undefined)),
    ),
    counter(
      'streamlink_endpoint_bytes_total',
      'Bytes of media that passed the end since its pipeline opened. Its rate times 8 is the bit rate.',
      of(({ bytes }) => bytes),
    ),
    gauge(
      'streamlink_endpoint_bytes_per_second',
      'Media over the last second, as the console shows it in bit/s.',
      of(({ bitrate }) => bitrate / 8),
    ),
    counter(
      'streamlink_endpoint_packets_total',
      'Messages (RTMP: frames) that passed the end since its pipeline opened.',
      of(({ packets }) => packets),
    ),
    counter(
      'streamlink_endpoint_dropped_packets_total',
      'Messages (RTMP: frames) that were never delivered: over the bandwidth, a full queue, or too late.',
      of(({ dropped }) => dropped),
    ),
    counter(
      'streamlink_endpoint_lost_packets_total',
      'Messages that the network lost, repaired or not.',
      of(({ lost }) => lost),
    ),
    counter(
      'streamlink_endpoint_reconnects_total',
      'Peers that came after the first one since the pipeline opened.',
      of(({ sessions }) => (sessions === undefined ? undefined : Math.max(0, sessions - 1))),
    ),
    gauge(
      'streamlink_endpoint_over_bandwidth',
      "1 while the source has been above the flow's maximum bandwidth for 3 s.",
      of(({ role, over }) => (role === 'source' ? bit(over) : undefined)),
    ),
    gauge(
      'streamlink_endpoint_loss_ratio',
      'Packets that the network lost in the last second, repaired or not, of all.',
      of((_, { lossRatio }) => lossRatio),
    ),
    gauge(
      'streamlink_endpoint_retransmit_ratio',
      'Packets sent again in the last second, of all.',
      of((_, { retransmitRatio }) => retransmitRatio),
    ),
    gauge(
      'streamlink_endpoint_rtt_seconds',
      'Round-trip time of an SRT link.',
      of(({ rttMs }, values) => seconds(values['rttMs'] ?? rttMs)),
    ),
    gauge(
      'streamlink_endpoint_latency_seconds',
      'The latency that both ends of an SRT link agreed on.',
      of(({ latencyMs }) => seconds(latencyMs)),
    ),
    gauge(
      'streamlink_endpoint_buffer_seconds',
      "Media in an SRT link's buffer.",
      of((_, { bufferMs }) => seconds(bufferMs)),
    ),
    gauge(
      'streamlink_endpoint_queue_seconds',
      'Media that waits for a slow RTMP peer.',
      of(({ queueMs }) => seconds(queueMs)),
    ),
    gauge(
      'streamlink_endpoint_last_frame_age_seconds',
      'Since the last frame was seen; of video where there is video.',
      of((_, { frameAgeMs }) => seconds(frameAgeMs)),
    ),
  ];
}

function aboutRelays(relays: readonly RelayView[]): readonly Family[] {
  const known = relays.flatMap(({ id, process }) => (process ? [{ labels: { relay: id }, process }] : []));
  return [
    gauge(
      'streamlink_relay_up',
      '1 while the relay reports; of relays that a running flow needs.',
      relays
        .filter(({ isNeeded }) => isNeeded)
        .map(({ id, isHeard, state }) => ({ labels: { relay: id }, value: bit(isHeard && state === 'reporting') })),
    ),
    ...processFamilies('streamlink_relay', 'a relay', known),
  ];
}

function processFamilies(
  prefix: string,
  whose: string,
  all: readonly { readonly labels?: Labels; readonly process: ProcessVitals }[],
): readonly Family[] {
  const of = (read: (process: ProcessVitals) => number): readonly Sample[] =>
    all.map(({ labels, process }) => ({ ...(labels && { labels }), value: read(process) }));
  return [
    gauge(
      `${prefix}_start_time_seconds`,
      `When the process of ${whose} started, as a Unix time.`,
      of((it) => it.startedAt / 1000),
    ),
    counter(
      `${prefix}_cpu_seconds_total`,
      `Processor time of ${whose}, all threads.`,
      of((it) => it.cpuSeconds),
    ),
    gauge(
      `${prefix}_resident_memory_bytes`,
      `Memory of ${whose}.`,
      of((it) => it.residentBytes),
    ),
    gauge(
      `${prefix}_heap_bytes`,
      `JavaScript heap of ${whose} in use.`,
      of((it) => it.heapBytes),
    ),
    gauge(
      `${prefix}_event_loop_delay_seconds`,
      `The longest stall of the event loop of ${whose} in the last 15 s.`,
      of((it) => it.eventLoopDelaySeconds),
    ),
    gauge(
      `${prefix}_event_loop_busy_ratio`,
      `The part of the last second in which the event loop of ${whose} was busy.`,
      of((it) => it.eventLoopBusyRatio),
    ),
  ];
}

function aboutWebhooks(webhooks: readonly WebhookFigures[]): readonly Family[] {
  const of = (read: (figures: WebhookFigures) => number): readonly Sample[] =>
    webhooks.map((it) => ({ labels: { webhook_id: it.webhookId, webhook: it.name }, value: read(it) }));
  return [
    gauge(
      'streamlink_webhook_waiting',
      'Messages that wait to be delivered.',
      of((it) => it.waiting),
    ),
    counter(
      'streamlink_webhook_delivered_total',
      'Messages delivered since the server started.',
      of((it) => it.delivered),
    ),
    counter(
      'streamlink_webhook_failed_attempts_total',
      'Attempts that failed since the server started; each is tried again.',
      of((it) => it.failedAttempts),
    ),
  ];
}
