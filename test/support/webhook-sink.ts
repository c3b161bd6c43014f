import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { addressOf } from '../../src/platform/server-address.ts';
import { releaseAfterFile } from './clean-up.ts';

/** One of the business's own systems: takes events over HTTP, keeps them, and answers as it is told. */
export type WebhookSink = {
  url: string;
  received: ReceivedWebhook[];
  /** For the next requests. Default: 204. */
  answer(how: SinkAnswer): void;
  close(): Promise<void>;
};

export type ReceivedWebhook = { path: string; headers: IncomingHttpHeaders; body: string };

export type SinkAnswer = number | ((response: ServerResponse) => void);

export async function startWebhookSink(): Promise<WebhookSink> {
  const received: ReceivedWebhook[] = [];
  let how: SinkAnswer = 204;
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ path: request.url ?? '', headers: request.headers, body });
      if (typeof how === 'number') response.writeHead(how).end();
      else how(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = addressOf(server);
  const close = async () => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  releaseAfterFile(close);
  return {
    url: `http://127.0.0.1:${port}/events`,
    received,
    answer: (next) => {
      how = next;
    },
    close,
  };
}
