/** Who starts and ends relay processes of this host, as the fleet asks for it. */
export interface Launcher {
  /** Starts the relay unless its process lives. True where it was started just now. */
  ensure(relayId: string): boolean;
  /** Ends a relay that hangs; its death is told like any other. True where there was a process to end. */
  kill(relayId: string): boolean;
  /** The relay said hello from this process: it is the relay's, whatever was known before. */
  adopt(relayId: string, pid: number): void;
  /** The relays whose processes live. */
  found(): readonly string[];
}
