import { isQueueName, type QueueName } from '../../../jobs/queues.ts';

/**
 * What may be done to the queues in Bull Board: retry, promote and clean. They cost time at the most, for the sweeper and the relay give a
 * job to all that is unfinished. Everything else that the board offers (pause, limits, jobs of any content, obliterate) would
 * stop payments for good, or set aside who decides about them.
 */
export interface BoardAct {
  readonly what: 'retry' | 'promote' | 'clean';
  readonly queue: QueueName;
  /** One job, or all in a state. */
  readonly of: { readonly job: string } | { readonly state: JobsState };
}

export type JobsState = 'failed' | 'delayed' | 'completed' | 'wait';

/** As src/jobs/stripe-event.ts and src/jobs/message.ts name them, and BullMQ those without a name. No route of the board looks so. */
const JOB = '(?<job>evt_\\w{1,255}|[0-9a-f-]{36}\\.\\d{1,9}|\\d{1,15})';
const QUEUE = '(?<queue>[a-z]{1,30})';

const ROUTES: readonly { readonly path: RegExp; readonly what: BoardAct['what']; readonly state?: JobsState }[] = [
  { path: routeTo(`${QUEUE}/retry/failed`), what: 'retry', state: 'failed' },
  { path: routeTo(`${QUEUE}/promote`), what: 'promote', state: 'delayed' },
  { path: routeTo(`${QUEUE}/clean/failed`), what: 'clean', state: 'failed' },
  { path: routeTo(`${QUEUE}/clean/delayed`), what: 'clean', state: 'delayed' },
  { path: routeTo(`${QUEUE}/clean/completed`), what: 'clean', state: 'completed' },
  { path: routeTo(`${QUEUE}/clean/wait`), what: 'clean', state: 'wait' },
  { path: routeTo(`${QUEUE}/${JOB}/retry`), what: 'retry' },
  { path: routeTo(`${QUEUE}/${JOB}/promote`), what: 'promote' },
  { path: routeTo(`${QUEUE}/${JOB}/clean`), what: 'clean' },
];

function routeTo(rest: string): RegExp {
  return new RegExp(`^/api/queues/${rest}$`);
}

/**
 * To the letter: the board's own router takes other cases, a slash at the end and encoded characters too.
 * @param path within the board, as it was sent
 * @returns undefined for all that is not allowed
 */
export function boardAct(method: string, path: string): BoardAct | undefined {
  if (method !== 'PUT') return undefined;
  for (const { path: pattern, what, state } of ROUTES) {
    const { queue = '', job } = pattern.exec(path)?.groups ?? {};
    if (!isQueueName(queue)) continue;
    if (state) return { what, queue, of: { state } };
    if (job) return { what, queue, of: { job } };
  }
  return undefined;
}
