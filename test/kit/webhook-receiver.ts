/** A receiver of webhooks on a port of its own: it writes down what comes, and answers as a test says. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { z } from 'zod';
import { portOf } from './console-house.ts';

const messageSchema = z.object({
  type: z.string(),
  timestamp: z.string(),
  data: z
    .object({
      id: z.string().optional(),
      kind: z.string().optional(),
      flow: z.object({ id: z.string() }).loose().optional(),
    })
    .loose(),
});

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly message: z.infer<typeof messageSchema>;
  /** Epoch ms. */
  readonly at: number;
  readonly answered: number | undefined;
}

export interface WebhookReceiver {
  readonly url: string;
  readonly received: readonly Received[];
  close(): Promise<void>;
}

/** `answer` gives the status for the request of this number, from 0 on; undefined: no answer, ever. */
export async function receiveWebhooks(answer: (number: number) => number | undefined): Promise<WebhookReceiver> {
  const received: Received[] = [];
  const server: Server = createServer((request, response) => {
    const at = Date.now();
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const answered = answer(received.length);
      received.push({ headers: request.headers, body, message: messageSchema.parse(JSON.parse(body)), at, answered });
      if (answered === undefined) return;
      response.writeHead(answered, answered === 302 ? { location: '/elsewhere' } : {});
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${portOf(server)}/hook`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
