/** A reader of transport streams that shares no code with ours: counters, clocks, tables and times by PID. */

export interface Survey {
  /** Continuity errors of all PIDs but null packets, by ISO 13818-1 2.4.3.3. */
  readonly continuityErrors: number;
  /** PCR values in ms, in order, unwrapped. */
  readonly pcrMs: readonly number[];
  /** Where PAT and PMT begin, in ms of the last PCR before. */
  readonly patMs: readonly number[];
  readonly pmtMs: readonly number[];
  readonly pmtVersions: readonly number[];
  /** PES times by PID in ms, unwrapped, with the last PCR before them. */
  readonly pes: ReadonlyMap<number, readonly PesTime[]>;
}

export interface PesTime {
  readonly ptsMs: number;
  readonly dtsMs: number;
  readonly pcrMs: number;
  readonly randomAccess: boolean;
  /** The packet's index in the stream. */
  readonly index: number;
}

const pmtPidOf = (ts: Uint8Array): number => {
  for (let at = 0; at + 188 <= ts.length; at += 188) {
    const pid = (((ts[at + 1] ?? 0) & 31) << 8) | (ts[at + 2] ?? 0);
    if (pid === 0) return (((ts[at + 15] ?? 0) & 31) << 8) | (ts[at + 16] ?? 0);
  }
  return -1;
};

const stamp = (b: Uint8Array, at: number): number => {
  const [v, w, x, y, z] = b.subarray(at, at + 5);
  const high = BigInt(((v ?? 0) >> 1) & 7) << 30n;
  const middle = BigInt((((w ?? 0) << 8) | (x ?? 0)) >> 1) << 15n;
  return Number(high | middle | BigInt((((y ?? 0) << 8) | (z ?? 0)) >> 1));
};

const half = 2 ** 32;
const unwrap = (last: number | undefined, ticks: number): number => {
  if (last === undefined) return ticks;
  const step = (((ticks - last) % (2 * half)) + 2 * half) % (2 * half);
  return last + (step > half ? step - 2 * half : step);
};

export const survey = (ts: Uint8Array): Survey => {
  const pmtPid = pmtPidOf(ts);
  const counters = new Map<number, { counter: number; twice: boolean }>();
  const [pcrMs, patMs, pmtMs, pmtVersions]: number[][] = [[], [], [], []];
  const pes = new Map<number, PesTime[]>();
  let continuityErrors = 0;
  let pcr: number | undefined;
  let dtsNear: number | undefined;
  for (let at = 0; at + 188 <= ts.length; at += 188) {
    const p = ts.subarray(at, at + 188);
    const [sync = 0, b1 = 0, b2 = 0, b3 = 0, length = 0, flags = 0] = p;
    if (sync !== 0x47) throw new Error(`no sync byte at ${at}`);
    const pid = ((b1 & 31) << 8) | b2;
    if (pid === 0x1fff) continue;
    const adaptation = (b3 & 0x20) !== 0 && length > 0 ? flags : 0;
    if ((b3 & 0x10) !== 0) {
      const old = counters.get(pid);
      const isTwice = old?.counter === (b3 & 15) && !old.twice;
      if (old !== undefined && !isTwice && ((old.counter + 1) & 15) !== (b3 & 15)) continuityErrors++;
      counters.set(pid, { counter: b3 & 15, twice: isTwice });
    }
    if ((adaptation & 0x10) !== 0) {
      const base =
        (BigInt((p[6] ?? 0) * 2 ** 24 + ((p[7] ?? 0) << 16) + ((p[8] ?? 0) << 8) + (p[9] ?? 0)) << 1n) |
        BigInt((p[10] ?? 0) >> 7);
      pcr = unwrap(pcr, Number(base));
      pcrMs?.push(pcr / 90);
    }
    if ((b1 & 0x40) === 0 || (b3 & 0x10) === 0) continue;
    const begin = (b3 & 0x20) !== 0 ? 5 + length : 4;
    if (pid === 0) patMs?.push((pcr ?? 0) / 90);
    else if (pid === pmtPid) {
      pmtMs?.push((pcr ?? 0) / 90);
      pmtVersions?.push(((p[begin + 6] ?? 0) >> 1) & 31);
    } else if (p[begin] === 0 && p[begin + 1] === 0 && p[begin + 2] === 1 && ((p[begin + 7] ?? 0) & 0x80) !== 0) {
      const pts = stamp(p, begin + 9);
      const dts = ((p[begin + 7] ?? 0) & 0x40) !== 0 ? stamp(p, begin + 14) : pts;
      dtsNear = unwrap(dtsNear ?? pcr, dts);
      const times = { ptsMs: unwrap(dtsNear, pts) / 90, dtsMs: dtsNear / 90, pcrMs: (pcr ?? 0) / 90 };
      const list = pes.get(pid) ?? [];
      pes.set(pid, [...list, { ...times, randomAccess: (adaptation & 0x40) !== 0, index: at / 188 }]);
    }
  }
  return {
    continuityErrors,
    pcrMs: pcrMs ?? [],
    patMs: patMs ?? [],
    pmtMs: pmtMs ?? [],
    pmtVersions: pmtVersions ?? [],
    pes,
  };
};

/** The largest step between neighbours. */
export const longestStep = (times: readonly number[]): number =>
  times.reduce((longest, time, i) => (i === 0 ? longest : Math.max(longest, time - (times[i - 1] ?? 0))), 0);
