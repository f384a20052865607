/** Which relays this server can talk with. */
import { CONTRACT_VERSION, type Hello } from '../relay/contract/messages.ts';

/** Asked before the rest of a hello is read: another version may say the rest in another way. */
export function checkVersion({ relayId, version }: Pick<Hello, 'relayId' | 'version'>): void {
  if (version !== CONTRACT_VERSION)
    throw new Error(
      `Relay ${relayId} speaks contract ${version}, this server ${CONTRACT_VERSION}. Upgrade the older one.`,
    );
}
