/** Numbers as an operator reads them. */

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
  `${short.format(bitrate / 1e6)} of ${bandwidthText(limit)}`;

export const msText = (ms: number): string => `${short.format(ms)} ms`;

export const countText = (count: number): string => whole.format(count);

/** An address and port as one writes them in a URL: IPv6 in brackets. */
export const hostPort = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/** Epoch ms as `2026-11-24 03:12:45 UTC`; the browser makes it local. */
export const utcText = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** A span of time in its two largest units: `3 s`, `2 min 5 s`, `1 h 40 min`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)];
  if (minutes === 0) return `${seconds} s`;
  if (hours === 0) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}
