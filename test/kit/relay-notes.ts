/** What a relay notes and tells, for tests that look at something else. */
import { BLACK_BOX_BYTES, BlackBox } from '../../relay/black-box.ts';
import { Quarantine } from '../../relay/quarantine.ts';
import type { RelayTools } from '../../relay/relay.ts';

export const relayNotes = (): Pick<RelayTools, 'box' | 'quarantine' | 'fault' | 'changed' | 'tell'> => ({
  box: new BlackBox(new Uint8Array(BLACK_BOX_BYTES)),
  quarantine: new Quarantine({ now: () => 0, save: () => {} }),
  fault: () => {},
  changed: () => {},
  tell: () => {},
});
