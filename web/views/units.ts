/** Numbers as an operator reads them. */
import { t } from './language.ts';

const mbps = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** bit/s as Mbps with two decimals, or kbps below one. */
export const bitrateText = (bitrate: number): string =>
  bitrate >= 1e6 || bitrate === 0 ? `${mbps.format(bitrate / 1e6)} Mbps` : `${whole.format(bitrate / 1e3)} kbps`;

/** A bandwidth on offer: 10 Mbps, without decimals it does not have. */
export const bandwidthText = (bitrate: number): string => `${short.format(bitrate / 1e6)} Mbps`;

/** A bit rate beside its limit: 12.4 of 10 Mbps. */
export const shareText = (bitrate: number, limit: number): string =>
  t('{rate} of {limit}', { rate: short.format(bitrate / 1e6), limit: bandwidthText(limit) });

export const msText = (ms: number): string => `${short.format(ms)} ms`;

/** A duration in its two largest units: 520 ms, 3.4 s, 12 min 5 s, 2 h 3 min, 4 d 1 h. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${whole.format(ms)} ms`;
  if (ms < 10_000) return `${short.format(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return twoUnits(seconds, 60, 'min', 's');
  const minutes = Math.floor(seconds / 60);
  return minutes < 1440 ? twoUnits(minutes, 60, 'h', 'min') : twoUnits(Math.floor(minutes / 60), 24, 'd', 'h');
}

function twoUnits(count: number, size: number, large: string, small: string): string {
  const rest = count % size;
  return `${Math.floor(count / size)} ${large}${rest > 0 ? ` ${rest} ${small}` : ''}`;
}

export const countText = (count: number): string => whole.format(count);

/** How long something has lasted, in its two largest units, whole seconds at least: 4 s, 3 min 20 s, 2 h 5 min, 3 d 4 h. */
export function lastingText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3600), Math.floor(seconds / 86_400)];
  if (minutes === 0) return `${seconds} s`;
  if (hours === 0) return `${minutes} min ${seconds % 60} s`;
  return days === 0 ? `${hours} h ${minutes % 60} min` : `${days} d ${hours % 24} h`;
}

/** An address and port as one writes them in a URL: IPv6 in brackets. */
export const hostPort = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/** Epoch ms as `2026-11-24 03:12:45 UTC`; the browser makes it local. */
export const utcText = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** Bytes as kB, MB or GB of 1000. */
export function bytesText(bytes: number): string {
  if (bytes >= 1e9) return `${mbps.format(bytes / 1e9)} GB`;
  return bytes >= 1e6 ? `${short.format(bytes / 1e6)} MB` : `${whole.format(bytes / 1e3)} kB`;
}

/** A share of one, in percent with a decimal. */
export const percentText = (share: number): string => `${short.format(share * 100)} %`;
