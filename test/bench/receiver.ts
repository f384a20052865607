/** Takes numbered messages in on many ports and counts what is missing: `receiver.js <port,port,…>`; tells on SIGTERM. */
import { openSrt } from '../../relay/srt/socket.ts';
import { LINK, NUMBER_AT, numbersFrom } from './shape.ts';

const srt = openSrt();
let received = 0;
let missing = 0;
for (const port of numbersFrom(process.argv[2])) {
  let next = 0;
  srt.listen(
    { ...LINK, port, allowlist: ['127.0.0.1/32'], giveWayMs: 1000 },
    {
      accepted: () => {},
      closed: () => {},
      refused: () => {},
      data: (_, { data, lengths }) => {
        const view = new DataView(data.buffer, data.byteOffset, data.length);
        let at = 0;
        for (const length of lengths) {
          const number = view.getUint32(at + NUMBER_AT);
          missing += number - next;
          next = number + 1;
          at += length;
        }
        received += lengths.length;
      },
    },
  );
}
process.stdout.write('listening\n');
process.on('SIGTERM', () => {
  process.stdout.write(`${JSON.stringify({ received, missing })}\n`);
  void srt.close().then(() => process.exit(0));
});
