import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import { type RequestHandler, Router } from 'express';
import { recordAudit } from '../../../billing/desk/audit-log.ts';
import type { JobQueues } from '../../../jobs/enqueue.ts';
import type { Db } from '../../../platform/db.ts';
import { contentPolicy } from '../../http/content-policy.ts';
import type { Annex } from '../frame/room.ts';
import { adminIn } from '../sign-in/session.ts';
import { type BoardAct, boardAct, type JobsState } from './board-act.ts';

/** Bull Board: every queue, its jobs by state, and *retry*, *promote* and *clean*. Job data holds ids only. */
export const queues: Annex = {
  path: '/queues',
  menu: 'Queues',
  handler({ jobs, billing: { db } }, address) {
    const forOperators = board(jobs, address, { readOnlyMode: false });
    // Without the buttons: a viewer's requests are refused anyhow.
    const forViewers = board(jobs, address, { readOnlyMode: true });
    return Router().use(
      ownPolicy,
      withoutForeignFont,
      bounded,
      onlyWhatIsAllowed(jobs, db),
      (request, response, next) => {
        const { role } = adminIn(response);
        (role === 'operator' ? forOperators : forViewers)(request, response, next);
      },
    );
  },
};

function board(jobs: JobQueues, path: string, { readOnlyMode }: { readOnlyMode: boolean }): Router {
  const adapter = new ExpressAdapter();
  adapter.setBasePath(path);
  createBullBoard({
    queues: Object.values(jobs.queues).map((queue) => new BullMQAdapter(queue, { readOnlyMode })),
    serverAdapter: adapter,
    options: {
      uiConfig: {
        boardTitle: 'Quittance queues',
        hideDocsLink: true,
        hideRedisDetails: true,
        miscLinks: [{ text: 'Console', url: '/console' }],
      },
    },
  });
  return adapter.getRouter();
}

/** The board's own settings allow 50. */
const MOST_JOBS_PER_PAGE = 100;

/** The board itself reads as many jobs into one answer as it is asked for. */
const bounded: RequestHandler = (request, response, next) => {
  const { jobsPerPage = 1 } = request.query;
  if (Number(jobsPerPage) <= MOST_JOBS_PER_PAGE) next();
  else response.status(400).json({ error: `A page may have ${MOST_JOBS_PER_PAGE} jobs.` });
};

const REFUSAL =
  'Only retry, promote and clean are done here. To stop work, stop its workers; to let a paused queue go on: quittance queue resume';

/** What passes is in the audit log before it is done. */
function onlyWhatIsAllowed(jobs: JobQueues, db: Db): RequestHandler {
  return async (request, response, next) => {
    if (request.method === 'GET' || request.method === 'HEAD') return next();
    const act = boardAct(request.method, request.path);
    if (!act) {
      response.status(403).json({ error: REFUSAL });
      return;
    }
    await recordAudit(db, {
      actor: `admin:${adminIn(response).name}`,
      action: `queue.${act.what}`,
      subject: 'job' in act.of ? act.of.job : `queue:${act.queue}`,
      reason: 'in the queues of the console',
      details: { queue: act.queue, ...('state' in act.of ? await jobsIn(act.queue, act.of.state, jobs) : {}) },
    });
    next();
  };
}

/** Of all jobs in a state so many are named. */
const MOST_NAMED = 100;

async function jobsIn(queue: BoardAct['queue'], state: JobsState, { queues }: JobQueues) {
  const [count, named] = await Promise.all([
    queues[queue].getJobCountByTypes(state),
    queues[queue].getRanges([state], 0, MOST_NAMED - 1),
  ]);
  return { state, count, jobs: named };
}

/** Its page would ask Google for a font, and so tell Google of each visit; our policy refuses that loudly. */
const withoutForeignFont: RequestHandler = (_request, response, next) => {
  const send = response.send.bind(response);
  response.send = (body) => send(typeof body === 'string' ? body.replace(FOREIGN_FONT, '') : body);
  next();
};

const FOREIGN_FONT = /<link href="https:\/\/fonts\.[^>]*>/g;

/** The board is an application of its own with inline styles; its scripts are its own files. */
const ownPolicy: RequestHandler = contentPolicy({
  // Its files are named relative to a <base>.
  baseUri: ["'self'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  fontSrc: ["'self'"],
  connectSrc: ["'self'"],
});
