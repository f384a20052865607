import { describe, expect, it } from 'vitest';
import { limits } from '../../../relay/formats/limits.ts';
import { LeadingPictures, StartGate } from '../../../relay/formats/start-gate.ts';

const wrap = 2 ** 33;
const frame = (dts: number, entry: 'none' | 'idr' | 'open' | 'recovery' = 'none', pts = dts) => ({ dts, pts, entry });

describe('the start gate', () => {
  it('opens at an IDR and lets sound through from then on', () => {
    const gate = new StartGate(wrap);
    expect(gate.admitAudio(frame(0))).toBe(false);
    expect(gate.admitVideo(frame(0))).toBe(false);
    expect(gate.admitVideo(frame(3600, 'idr'))).toBe(true);
    expect(gate.admitAudio(frame(3600))).toBe(true);
    expect(gate.admitVideo(frame(7200))).toBe(true);
  });

  it('opens at a recovery point only after waiting for better', () => {
    const gate = new StartGate(wrap);
    expect(gate.admitVideo(frame(wrap - 10, 'recovery'))).toBe(false);
    expect(gate.admitVideo(frame(limits.recoveryWaitTicks - 10, 'recovery'))).toBe(true);
  });

  it('keeps sound going when only the picture must begin anew', () => {
    const gate = new StartGate(wrap);
    gate.admitVideo(frame(0, 'idr'));
    gate.closeVideo();
    expect(gate.admitVideo(frame(3600))).toBe(false);
    expect(gate.admitAudio(frame(3600))).toBe(true);
    gate.close();
    expect(gate.admitAudio(frame(3600))).toBe(false);
  });

  it('leaves out the pictures shown before an open GOP', () => {
    const gate = new StartGate(wrap);
    expect(gate.admitVideo(frame(0, 'open', 10_800))).toBe(true);
    expect(gate.admitVideo(frame(3600, 'none', 7200))).toBe(false);
    expect(gate.admitVideo(frame(7200, 'none', 3600))).toBe(false);
    expect(gate.admitVideo(frame(10_800, 'none', 14_400))).toBe(true);
  });

  it('leaves out nothing 14 hours later, when half the clock has passed', () => {
    const leading = new LeadingPictures(wrap);
    leading.begin(7200);
    expect(leading.include(frame(3600))).toBe(true);
    expect(leading.include(frame(10_800))).toBe(false);
    expect(leading.include(frame(14 * 3600 * 90_000))).toBe(false);
  });
});
