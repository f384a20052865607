import { describe, expect, it } from 'vitest';
import { BLACK_BOX_BYTES, BlackBox } from '../../relay/black-box.ts';
import { Quarantine } from '../../relay/quarantine.ts';
import { StandstillWatch } from '../../relay/standstill-watch.ts';
import { createClock } from '../kit/clock.ts';

const culprit = { flowId: 'flow-1', pipeline: 'primary', revision: 4 };

describe('the black box', () => {
  it('names the pipeline that a process was busy with when it ended', () => {
    const memory = new Uint8Array(BLACK_BOX_BYTES);
    const box = new BlackBox(memory);
    const [first, second] = [box.claim({ ...culprit, flowId: 'flow-0' }), box.claim(culprit)];
    const before = box.enter(first);
    box.leave(before);
    box.enter(second);
    expect(new BlackBox(memory).begin()).toEqual(culprit);
  });

  it('names none where the process was busy with nothing, or with a pipeline inside no more', () => {
    const memory = new Uint8Array(BLACK_BOX_BYTES);
    const box = new BlackBox(memory);
    box.leave(box.enter(box.claim(culprit)));
    expect(new BlackBox(memory).begin()).toBeUndefined();
  });

  it('gives back the outer pipeline when an inner one is done', () => {
    const memory = new Uint8Array(BLACK_BOX_BYTES);
    const box = new BlackBox(memory);
    box.enter(box.claim(culprit));
    box.leave(box.enter(box.claim({ ...culprit, flowId: 'flow-2' })));
    expect(new BlackBox(memory).begin()).toEqual(culprit);
  });

  it('notes nothing, and fails nobody, when there are more pipelines than it has room for', () => {
    const box = new BlackBox(new Uint8Array(BLACK_BOX_BYTES));
    const slots = Array.from({ length: 1024 }, (_, index) => box.claim({ ...culprit, flowId: `flow-${index}` }));
    expect([slots[0], slots[1022], slots[1023]]).toEqual([1, 1023, 0]);
    box.release(7);
    expect(box.claim(culprit)).toBe(7);
  });

  it('is not misled by what some other program left in its file', () => {
    expect(new BlackBox(new Uint8Array(BLACK_BOX_BYTES).fill(0xff)).begin()).toBeUndefined();
  });
});

describe('the quarantine', () => {
  function open(saved = '') {
    const clock = createClock();
    const kept = { text: saved };
    const tools = { now: clock.now, save: (text: string) => void (kept.text = text) };
    return { clock, kept, quarantine: new Quarantine(tools, saved), again: () => new Quarantine(tools, kept.text) };
  }

  it('holds a pipeline after three falls within a minute, and no other', () => {
    const { quarantine } = open();
    expect([1, 2, 3].map(() => quarantine.fell(culprit))).toEqual([1, 2, 3]);
    expect(quarantine.isHeld(culprit)).toBe(true);
    expect(quarantine.isHeld({ ...culprit, pipeline: 'backup' })).toBe(false);
  });

  it('does not hold one that falls thrice in more than a minute', () => {
    const { clock, quarantine } = open();
    for (let fall = 0; fall < 3; fall++) {
      quarantine.fell(culprit);
      clock.turn(30_000);
    }
    expect(quarantine.isHeld(culprit)).toBe(false);
  });

  it('counts on in the process that comes after a crash', () => {
    const { again, quarantine } = open();
    quarantine.fell(culprit);
    again().fell(culprit);
    again().fell(culprit);
    expect(again().isHeld(culprit)).toBe(true);
  });

  it('does not count what fell before the machine was started anew', () => {
    const { again, clock, quarantine } = open();
    clock.turn(500_000);
    quarantine.fell(culprit);
    quarantine.fell(culprit);
    clock.turn(-499_000);
    expect(again().fell(culprit)).toBe(1);
  });

  it('holds on while the same revision is wished again, and lets go with a newer one', () => {
    const { quarantine } = open();
    for (let fall = 0; fall < 3; fall++) quarantine.fell(culprit);
    quarantine.pardon('flow-1', 4);
    expect(quarantine.isHeld(culprit)).toBe(true);
    quarantine.pardon('flow-1', 5);
    expect(quarantine.isHeld(culprit)).toBe(false);
  });

  it('lets go when the flow is stopped', () => {
    const { again, quarantine } = open();
    for (let fall = 0; fall < 3; fall++) quarantine.fell(culprit);
    quarantine.pardon('flow-1');
    expect([quarantine.isHeld(culprit), again().isHeld(culprit)]).toEqual([false, false]);
  });

  it('begins anew where its file is torn', () => {
    expect(open('[{"flowId":').quarantine.isHeld(culprit)).toBe(false);
  });
});

describe('a thread that is to turn always', () => {
  it('is called hung after five looks at which it has not turned', () => {
    const watch = new StandstillWatch();
    expect([1, 2, 2, 2, 2, 2, 2].map((turns) => watch.look(turns))).toEqual([
      ...[false, false, false, false, false, false],
      true,
    ]);
  });

  it('is not called hung when all stood still and one look came late', () => {
    const watch = new StandstillWatch();
    for (let turns = 0; turns < 10; turns++) expect(watch.look(turns)).toBe(false);
  });
});
