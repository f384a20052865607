/** Where RTP bytes leave: paced datagrams to one destination, which never answers. */
import type { SinkSpec, SpecOf } from '../contract/messages.ts';
import type { EndFigures, Sink, SinkEvents } from '../media.ts';
import { openRtpSender, type RtpSender } from './sender.ts';

/** Open as soon as the destination's name is known and the system has a way there. */
export function openRtpSink(spec: SpecOf<SinkSpec, 'rtp'>, events: SinkEvents): Sink {
  const { host, port, ttl, bareTs } = spec;
  const proof = new ArrivalProof();
  let sender: RtpSender | undefined;
  let isClosed = false;
  const open = async (): Promise<void> => {
    const opened = await openRtpSender({ host, port, ttl, bareTs });
    if (isClosed) return opened.close();
    sender = opened;
    events.connected({ address: host, port });
  };
  open().catch((error: unknown) => isClosed || events.ended(isNameFault(error) ? 'name-not-found' : 'cannot-dial'));
  return {
    send: (batch) => {
      if (!sender || batch.container !== 'ts') return 0;
      sender.send(batch);
      // What does not fit is counted by the sender, in datagrams: see `dropped`.
      return batch.lengths.length;
    },
    figures: () => sender && toFigures(sender, proof),
    close: () => {
      isClosed = true;
      void sender?.close();
    },
  };
}

/** Nobody acknowledges RTP. That no host has said "nobody listens here" since the last look is all that can be known. */
class ArrivalProof {
  #failed = 0;
  #arrived = 0;

  look(sent: number, failed: number): number {
    if (failed === this.#failed) this.#arrived = Math.max(this.#arrived, sent);
    this.#failed = failed;
    return this.#arrived;
  }
}

function toFigures(sender: RtpSender, proof: ArrivalProof): EndFigures {
  const { sentPackets, failedPackets, droppedPackets } = sender.figures();
  return {
    lost: 0,
    dropped: droppedPackets,
    acknowledged: proof.look(sentPackets, failedPackets),
    link: { side: 'send', packets: sentPackets, dropped: droppedPackets },
  };
}

const isNameFault = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOTFOUND';
