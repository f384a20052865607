/** What a relay reported of its endpoints, found by flow: lists of many flows ask for each. */
import type { EndpointStatus } from '../relay/contract/messages.ts';

type Ends = readonly EndpointStatus[];

/** Each report is looked through once, and let go of with it. */
export function createEndsByFlow(): (reported: Ends, flowId: string) => Ends {
  const indexes = new WeakMap<Ends, ReadonlyMap<string, Ends>>();
  return (reported, flowId) => {
    const index = indexes.get(reported) ?? indexOf(reported);
    indexes.set(reported, index);
    return index.get(flowId) ?? [];
  };
}

function indexOf(reported: Ends): ReadonlyMap<string, Ends> {
  const index = new Map<string, EndpointStatus[]>();
  for (const endpoint of reported) {
    const known = index.get(endpoint.flowId);
    if (known) known.push(endpoint);
    else index.set(endpoint.flowId, [endpoint]);
  }
  return index;
}
