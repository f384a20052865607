/** What can be wrong with an input: asked in the order in which it is to be mended. */
import type { LogEvent } from '../../db/model.ts';
import { type Ailment, ageText, lately, type Patient, WINDOW_MS } from './doctor-patient.ts';
import { flappingOf, latencyAilment } from './doctor-link.ts';
import { callerText, causeText, isRefusal, packetsText } from './doctor-words.ts';
import { t } from './language.ts';
import { tabUrl } from './props.ts';
import { bandwidthText, hostPort, lastingText, shareText } from './units.ts';
import { numberIn, textIn } from './words-facts.ts';

/** Nobody has called for this long: time to look why. */
const NOBODY_MS = 60_000;
/** What is new gets so long to show what it brings. */
const SETTLE_MS = 10_000;
const LOSS_MS = 60_000;

export function sourceAilment(patient: Patient): Ailment | undefined {
  if (patient.page.state === 'idle') return callerOf(patient, (cause) => cause === 'flow-stopped');
  const { status } = patient;
  if (!status) return undefined;
  if (status.condition === 'backing-off') return portTaken(patient);
  if (!status.peer) return absentEncoder(patient);
  if (status.condition === 'stalled') return stalled(patient);
  return (
    overBandwidth(patient) ??
    withoutMedia(patient) ??
    flappingOf(patient, 'wait') ??
    latencyAilment(patient) ??
    lossOfRtp(patient) ??
    callerOf(patient, (cause) => cause === 'already-in-use')
  );
}

/** Nobody is connected: who was refused last, who left last, or that nobody ever called. */
function absentEncoder(patient: Patient): Ailment | undefined {
  const refused = lastRefusal(patient);
  const parted = lastParting(patient);
  if (refused && refused.at >= (parted?.at ?? 0)) return toldOf(patient, refused);
  return flappingOf(patient, 'bad') ?? (parted ? gone(patient, parted) : nobody(patient));
}

interface Happened {
  readonly at: number;
  readonly cause: string;
  readonly address: string | undefined;
}

/** The report is newer than the log, which folds what repeats. */
function lastRefusal(patient: Patient): Happened | undefined {
  const { page, status } = patient;
  const told = lately(patient, 'refused')[0];
  const logged = told && { at: told.at, cause: textIn(told, 'cause') ?? '', address: told.peer?.address };
  const incident = status?.incident;
  if (!incident || !isRefusal(incident.code) || page.at - incident.at > WINDOW_MS) return logged;
  const reported = { at: incident.at, cause: incident.code, address: incident.peer?.address };
  return logged && logged.at > reported.at ? logged : reported;
}

/** The end of the last session, however long ago, if this input has had one since its relay opened it. */
function lastParting({ status, events }: Patient): Happened | undefined {
  const { incident } = status ?? {};
  if (status && status.packets > 0 && incident && !isRefusal(incident.code))
    return { at: incident.at, cause: incident.code, address: incident.peer?.address };
  const told = events.find(({ code }) => code === 'disconnected');
  const isOver = told && textIn(told, 'cause') !== 'closed-here' && told.at >= (status?.since ?? 0) - 5000;
  return isOver ? { at: told.at, cause: textIn(told, 'cause') ?? '', address: told.peer?.address } : undefined;
}

function callerOf(patient: Patient, counts: (cause: string) => boolean): Ailment | undefined {
  const refused = lastRefusal(patient);
  if (!refused || !counts(refused.cause)) return undefined;
  return { ...toldOf(patient, refused), tone: 'wait' };
}

function toldOf({ page, protocol }: Patient, { at, cause, address }: Happened): Ailment {
  const facts = { peer: address ?? t('an unknown address'), age: ageText(page, at) };
  const range = address === undefined ? undefined : `${address}/${address.includes(':') ? 128 : 32}`;
  return {
    tone: 'bad',
    sentence: callerText(protocol, cause, facts),
    saysIncident: true,
    ...(cause === 'address-not-allowed' &&
      range && {
        fix: {
          href: `${tabUrl(page.flow.id, 'input')}/edit?allow=${encodeURIComponent(range)}`,
          text: t('Allow {range}', { range }),
        },
      }),
  };
}

function gone({ page, protocol }: Patient, { at, cause, address }: Happened): Ailment {
  const facts = { peer: address ?? t('an unknown address'), age: ageText(page, at) };
  return {
    tone: 'bad',
    sentence: t('The encoder at {peer} has been gone for {age}: {cause}. {next}', {
      ...facts,
      ...causeText('source', protocol, cause),
    }),
    saysIncident: true,
  };
}

function nobody({ page, pipeline, protocol, status }: Patient): Ailment | undefined {
  if (!status || page.at - status.since < NOBODY_MS || !isWanted({ page, pipeline })) return undefined;
  const words = protocol === 'rtp' ? nobodyWords.rtp : protocol === 'rtmp' ? nobodyWords.rtmp : nobodyWords.srt;
  return {
    tone: 'wait',
    sentence: t(words, { time: ageText(page, status.since), address: page.addresses[pipeline] }),
  };
}

const nobodyWords = {
  srt: 'No encoder has called for {time}. Check that it calls {address}, and that UDP may pass the firewalls; a caller that is refused would be named here.',
  rtmp: 'No encoder has called for {time}. Check that it publishes to {address}, and that TCP may pass the firewalls; a caller that is refused would be named here.',
  rtp: 'No datagram has come for {time}. Check that the encoder sends to {address}, and that UDP may pass the firewalls; a sender that is refused would be named here.',
} as const;

/** A backup that nothing is sent from is no matter of concern. */
const isWanted = ({ page, pipeline }: Pick<Patient, 'page' | 'pipeline'>): boolean =>
  pipeline === 'primary' ||
  page.flow.input.failover !== undefined ||
  page.flow.outputs.some(({ destinations }) => destinations.backup);

function portTaken({ page, pipeline, protocol, status, events }: Patient): Ailment | undefined {
  const code =
    status?.incident?.code ??
    factOf(
      events.find((event) => event.code === 'retry'),
      'cause',
    );
  if (code === undefined) return undefined;
  const isTaken = code === 'port-unavailable';
  return {
    tone: 'bad',
    sentence: isTaken
      ? t(
          'The port of {address} is taken by another program on the host of the relay. Free it; it is tried again by itself.',
          { address: page.addresses[pipeline] },
        )
      : t('This input cannot be opened: {cause}. {next}', causeText('source', protocol, code)),
    saysIncident: true,
  };
}

const factOf = (event: LogEvent | undefined, name: string): string | undefined => event && textIn(event, name);

function stalled({ page, protocol, status }: Patient): Ailment | undefined {
  if (!status?.peer) return undefined;
  const words =
    protocol === 'rtp'
      ? 'The sender at {peer} has sent nothing for {time}. Check that it is on the air, and the network between.'
      : 'The encoder at {peer} is connected, but has sent no media for {time}. Check that it is sending, and that its source is not paused.';
  const quietMs = page.at - status.since + 3000;
  return {
    tone: 'bad',
    sentence: t(words, { peer: hostPort(status.peer.address, status.peer.port), time: lastingText(quietMs) }),
  };
}

function overBandwidth({ page, status }: Patient): Ailment | undefined {
  if (!status?.over) return undefined;
  const { maxBitrate } = page.flow;
  const share =
    status.bitrate > maxBitrate
      ? shareText(status.bitrate, maxBitrate)
      : t('over {limit}', { limit: bandwidthText(maxBitrate) });
  return {
    tone: 'bad',
    sentence: t(
      'The stream is above the maximum bandwidth of the flow ({share}), and what is above is dropped. Lower the bit rate of the encoder.',
      { share },
    ),
  };
}

function withoutMedia(patient: Patient): Ailment | undefined {
  const { page, reading, status, events } = patient;
  if (!reading || !status || page.at - status.since < SETTLE_MS) return undefined;
  if (reading.tracks.length === 0) return { tone: 'bad', sentence: t(mediaWords.nothing) };
  const videos = reading.tracks.filter(({ kind }) => kind === 'video');
  if (videos.length === 0) {
    const before = factOf(lately(patient, 'format-changed')[0], 'before');
    return before && /H\.26|MPEG-2|AV1|VP9/.test(before) ? { tone: 'bad', sentence: t(mediaWords.noVideo) } : undefined;
  }
  if (videos.some(({ values }) => (values['frameRate'] ?? 0) > 0)) return undefined;
  const met = events.find(({ code }) => code === 'connected')?.at ?? 0;
  const isKeyless = events.some(({ code, at }) => code === 'no-keyframe' && at >= met);
  return { tone: 'bad', sentence: t(isKeyless ? mediaWords.noKeyframe : mediaWords.noFrames) };
}

const mediaWords = {
  nothing:
    'Data arrives, but neither sound nor pictures are found in it. Check that the encoder sends MPEG-TS with a video or an audio track.',
  noVideo: 'Sound arrives, and the video track is gone. Check the video source of the encoder.',
  noKeyframe:
    'Video is announced but brings no key frame, so that receivers see nothing. Set the key frame interval of the encoder to 2 s.',
  noFrames: 'Video is announced but brings no frames. Check the video source of the encoder.',
} as const;

function lossOfRtp(patient: Patient): Ailment | undefined {
  if (patient.protocol !== 'rtp') return undefined;
  const lost = lately(patient, 'data-lost', LOSS_MS).reduce((sum, event) => sum + (numberIn(event, 'lost') ?? 0), 0);
  if (lost === 0) return undefined;
  return {
    tone: 'wait',
    sentence: t(
      'The link lost {packets} in the last minute, and RTP cannot repair that. Mend the network, or push by SRT.',
      { packets: packetsText(lost) },
    ),
  };
}
