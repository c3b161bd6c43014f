import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import { type RequestHandler, Router } from 'express';
import type { JobQueues } from '../../jobs/enqueue.ts';

/** Bull Board: every queue, its jobs by state, and *retry*. Job data holds ids only. */
export function queuesBoard(jobs: JobQueues, path: string): Router {
  const adapter = new ExpressAdapter();
  adapter.setBasePath(path);
  createBullBoard({
    queues: Object.values(jobs.queues).map((queue) => new BullMQAdapter(queue)),
    serverAdapter: adapter,
    options: {
      uiConfig: {
        boardTitle: 'Quittance queues',
        hideDocsLink: true,
        miscLinks: [{ text: 'Console', url: '/console' }],
      },
    },
  });
  return Router().use(withoutForeignFont, adapter.getRouter());
}

/** Its page would ask Google for a font, and so tell Google of each visit; our policy refuses that loudly. */
const withoutForeignFont: RequestHandler = (_request, response, next) => {
  const send = response.send.bind(response);
  response.send = (body) => send(typeof body === 'string' ? body.replace(FOREIGN_FONT, '') : body);
  next();
};

const FOREIGN_FONT = /<link href="https:\/\/fonts\.[^>]*>/g;
