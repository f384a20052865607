import { describe, expect, it } from 'vitest';
import { noFaults } from '../../../relay/formats/faults.ts';
import { type Program, ProgramTracker } from '../../../relay/formats/ts-program.ts';
import { buildPat, buildPmt, buildSection, crc32, patTable, type PmtStream } from '../../../relay/formats/ts-psi.ts';

const streams = (count: number): PmtStream[] =>
  Array.from({ length: count }, (_, i) => ({
    pid: 0x200 + i,
    streamType: i === 0 ? 0x1b : 0x0f,
    descriptors: [{ tag: 0x0a, data: Uint8Array.from([...Buffer.from('eng'), 0]) }],
  }));

const pmt = (version: number, count: number): Uint8Array =>
  buildPmt(1, version, { pcrPid: 0x200, descriptors: [], streams: streams(count) });

/** Gives a tracker sections in payloads of 184 bytes, as packets carry them. */
const track = () => {
  const faults = noFaults();
  const programs: Program[] = [];
  const tracker = new ProgramTracker({ faults, onProgram: (program) => programs.push(program) });
  const send = (pid: number, ...sections: readonly Uint8Array[]) => {
    const payload = Uint8Array.from([0, ...sections.flatMap((section) => [...section])]);
    for (let at = 0; at < payload.length; at += 184) {
      const part = new Uint8Array(184).fill(0xff);
      part.set(payload.subarray(at, at + 184));
      tracker.assemblerOf(pid)?.push(part, 0, 184, at === 0);
    }
  };
  return { faults, programs, tracker, send };
};

const pat = (version = 0, pmtPid = 0x1000) => buildPat(1, version, [{ number: 1, pmtPid }]);

describe('program tables', () => {
  it('have the CRC of the standard', () => {
    // A PAT as ffmpeg writes it, from a capture.
    const capture = Buffer.from('00b00d0001c100000001f0002ab104b2', 'hex');
    expect(crc32(capture, 0, capture.length)).toBe(0);
    expect(Buffer.from(pat()).toString('hex')).toBe(capture.toString('hex'));
  });

  it('trap 10, long tables: a PMT that spans four packets is put together', () => {
    const { programs, send, faults } = track();
    send(0, pat());
    send(0x1000, pmt(0, 60));
    expect(programs[0]?.tracks.length).toBe(60);
    expect(programs[0]?.tracks[7]).toMatchObject({ pid: 0x207, language: 'eng', codec: { name: 'aac' } });
    expect(Object.values(faults).every((count) => count === 0)).toBe(true);
  });

  it('trap 10, several sections in one packet are each read', () => {
    const { programs, send } = track();
    send(0, buildSection({ tableId: 0x42, extension: 9, version: 0, body: new Uint8Array(20) }), pat());
    send(0x1000, pmt(0, 1));
    expect(programs.length).toBe(1);
  });

  it('trap 10, a PAT of two sections is read when both are there', () => {
    const { programs, send, tracker } = track();
    const half = (number: number, entry: readonly number[]) =>
      buildSection({
        tableId: patTable,
        extension: 1,
        version: 0,
        number,
        lastNumber: 1,
        body: Uint8Array.from(entry),
      });
    send(0, half(0, [0, 5, 0xe5, 0]));
    expect(tracker.pmtPid).toBe(-1);
    send(0, half(1, [0, 1, 0xf0, 0]));
    send(0x1000, pmt(0, 1));
    expect(programs[0]).toMatchObject({ number: 1, others: [5] });
  });

  it('trap 10, repetition: the same table again changes nothing; the same version with other content does', () => {
    const { programs, send } = track();
    send(0, pat());
    for (const count of [1, 1, 2]) send(0x1000, pmt(3, count));
    expect(programs.map(({ tracks }) => tracks.length)).toEqual([1, 2]);
    expect(programs[1]?.tracks[0]).toBe(programs[0]?.tracks[0]);
  });

  it('trap 10, a PMT that moves to another PID is followed', () => {
    const { programs, send } = track();
    send(0, pat(0, 0x1000));
    send(0x1000, pmt(0, 1));
    send(0, pat(1, 0x1100));
    send(0x1100, pmt(0, 2));
    expect(programs.map(({ pmtPid }) => pmtPid)).toEqual([0x1000, 0x1100]);
  });

  it('trap 9, a section that claims more than its bound is dropped and counted', () => {
    const { faults, send } = track();
    send(0, Uint8Array.from([0, 0xbf, 0xff, ...new Uint8Array(180)]));
    expect(faults.section).toBe(1);
  });
});
