/** Flows that another program has created without an input: named, so that nobody wonders where they are. */
import type { Region, WaitingFlow } from '../../db/model.ts';
import { regionName } from './props.ts';
import { bandwidthText } from './units.ts';

export interface WaitingFlowsProps {
  readonly flows: readonly WaitingFlow[];
  readonly regions: readonly Region[];
}

export const WaitingFlows = ({ flows, regions }: WaitingFlowsProps) =>
  flows.length === 0 ? null : (
    <section id="waiting-flows">
      <h2>Waiting for an input</h2>
      <p>
        These were created over the StreamLink-compatible API, without an input. They take no stream and cannot be
        started until that API gives them one; it can delete them, too.
      </p>
      <ul>
        {flows.map(({ id, name, regionId, maxBitrate }) => (
          <li>
            {name} · {regionName(regions, regionId)} · max. {bandwidthText(maxBitrate)} · <code>{id}</code>
          </li>
        ))}
      </ul>
    </section>
  );
