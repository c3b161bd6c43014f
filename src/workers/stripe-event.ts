import type { Knex } from 'knex';
import type { Deps, EventDeps, Finish } from '../billing/deps/deps.ts';
import { askPerson, withdrawQuestion } from '../billing/desk/review-items.ts';
import { DATABASE_PAUSE_MS, type QueueVerdict, type Verdict, verdictOn, whileAway } from '../billing/retry-policy.ts';
import { askAboutPermission } from '../billing/stripe-away.ts';
import { knownTypes, listenerOf } from '../billing/stripe-events.ts';
import { ATTEMPTS, stripeEventJob } from '../jobs/stripe-event.ts';
import { messageOf } from '../platform/log.ts';
import { countingStripeCalls } from '../stripe/client.ts';
import { objectOf } from '../stripe/event-object.ts';
import { leaveToNewerRelease } from '../stripe/inbox/awaiting-release.ts';
import {
  type Attempt,
  type AttemptEnd,
  endAttempt,
  finishEvent,
  type Outcome,
  type StoredEvent,
  takeUp,
} from '../stripe/inbox/events.ts';
import type { JobEnd, JobHandler } from './queue-worker.ts';

/** Handles the job of one stored event: one attempt, one outcome, one log line. */
export function stripeEventHandler(deps: Deps): JobHandler {
  return (job, worker) => {
    const { eventId } = stripeEventJob.parse(job.data);
    const lastAttempt = job.attemptsMade + 1 >= (job.opts.attempts ?? ATTEMPTS);
    return handleStripeEvent({ eventId, worker, lastAttempt }, deps).catch((error: unknown) => {
      // It could not even be written down: no event is used up by that.
      const verdict = verdictOn(error);
      if (verdict.kind === 'away' && verdict.whose === 'database') return { verdict: DATABASE_PAUSE, error };
      throw error;
    });
  };
}

const DATABASE_PAUSE = { kind: 'pause', ms: DATABASE_PAUSE_MS } as const;

interface EventRun {
  readonly eventId: string;
  readonly worker: string;
  /** Whether the queue would not try again after this attempt. */
  readonly lastAttempt: boolean;
}

async function handleStripeEvent(run: EventRun, deps: Deps): Promise<JobEnd> {
  const taken = await takeUp(deps.db, run.eventId, run.worker, knownTypes);
  if (!taken) return { verdict: { kind: 'review' }, error: new Error(`There is no stored event ${run.eventId}`) };
  const { event, attempt: begun, isDone } = taken;
  if (isDone) {
    const { outcome, reason } = event;
    logAttempt(event, { outcome, reason, attempt: begun, duration_ms: 0, stripe_calls: 0 }, deps);
    return undefined;
  }
  // A repeated job, or a retry of a completed one, changes nothing.
  if (event.outcome === 'processed' || event.outcome === 'ignored') return undefined;
  if (begun === null) {
    await leaveToNewerRelease(deps.db, [event.id]);
    deps.log.warn('an event is left to a newer release', { event: event.id, type: event.type });
    return undefined;
  }

  return countingStripeCalls(async (stripeCalls) => {
    const attempt: Attempt = { id: begun, eventId: event.id, stripeCalls };
    const started = performance.now();
    const log = (outcome: string, reason: string): void => {
      const duration = Math.round(performance.now() - started);
      logAttempt(
        event,
        { outcome, reason, attempt: attempt.id, duration_ms: duration, stripe_calls: stripeCalls() },
        deps,
      );
    };
    let payment: string | undefined;
    try {
      let isFinished = false;
      const finish: Finish = async (trx, end) => {
        await finishIn(trx, event, attempt, end);
        isFinished = true;
      };
      const end = await outcomeOf(event, { ...deps, finish, receivedAt: event.received_at }, (found) => {
        payment = found;
      });
      // Else it ended with its last step.
      if (!isFinished) await finishAlone(event, attempt, end, deps);
      log(end.outcome, end.reason);
      return undefined;
    } catch (error) {
      const verdict = verdictOn(error);
      log(verdict.kind, messageOf(error));
      return { verdict: await recordFailure({ event, attempt, payment, error }, verdict, run, deps), error };
    }
  });
}

/** @param about is told the payment that the event speaks of, once that is known */
async function outcomeOf(event: StoredEvent, deps: EventDeps, about: (payment: string) => void): Promise<Outcome> {
  if (event.account !== '') return { outcome: 'ignored', reason: `it is of the connected account ${event.account}` };
  const listener = listenerOf(event.type);
  if (listener.listens !== 'here')
    return { outcome: 'ignored', reason: 'no use case listens to this event type any more' };
  const subject = listener.route.about(await objectOf(event.payload, deps.stripe));
  if ('nothing' in subject) return { outcome: 'ignored', reason: subject.nothing };
  const { payment, bring } = subject.found;
  if (payment) about(payment.paymentIntent);
  return bring(deps);
}

interface Failed {
  readonly event: StoredEvent;
  readonly attempt: Attempt;
  /** Undefined: not known, or the event speaks of none. */
  readonly payment: string | undefined;
  readonly error: unknown;
}

/** @returns what the queue is told */
async function recordFailure(failed: Failed, verdict: Verdict, run: EventRun, deps: Deps): Promise<QueueVerdict> {
  const { attempt, error } = failed;
  const message = messageOf(error);
  const end = (ended: AttemptEnd) => endAttempt(deps.db, attempt, ended, message);
  switch (verdict.kind) {
    case 'pause':
      await end('rate_limited');
      return verdict;
    case 'later':
      await end('busy');
      return verdict;
    case 'forbidden':
      await end('busy');
      await askAboutPermission(deps.db, verdict.permission, message);
      return { kind: 'later', ms: verdict.ms };
    case 'away': {
      if (verdict.whose === 'database') throw error;
      const queue = whileAway(verdict.whose, await deps.contact.failed(message));
      if (queue.kind === 'pause') await end('away');
      else await used(failed, queue, run, deps);
      return queue;
    }
    case 'review':
    case 'retry':
      await used(failed, verdict, run, deps);
      return verdict;
  }
}

/** An attempt is used up. One question for a payment, however many of its events fail for the same cause. */
async function used(
  { event, attempt, payment, error }: Failed,
  verdict: QueueVerdict,
  run: EventRun,
  { db }: Deps,
): Promise<void> {
  const message = messageOf(error);
  await endAttempt(db, attempt, 'error', message);
  if (verdict.kind === 'retry' && !run.lastAttempt) return;
  // In one commit, as `finishIn`: the question is open as long as the outcome says so.
  await db.transaction(async (trx) => {
    const known = payment ? { paymentIntent: payment } : {};
    if (!(await finishEvent(trx, attempt, { outcome: 'review', reason: message, ...known }))) return;
    await askPerson(trx, {
      kind: 'event_failed',
      subject: payment ?? event.id,
      summary: `Event ${event.id} (${event.type})${payment ? ` of payment ${payment}` : ''} could not be processed: ${message}`,
      details: { event: event.id, type: event.type, attempts_used_up: verdict.kind === 'retry' },
    });
  });
}

async function finishAlone(event: StoredEvent, attempt: Attempt, end: Outcome, { db }: Deps): Promise<void> {
  if (event.outcome === 'review') await db.transaction((trx) => finishIn(trx, event, attempt, end));
  else await finishEvent(db, attempt, end);
}

/** An event that is done must not leave its question open. */
async function finishIn(trx: Knex.Transaction, event: StoredEvent, attempt: Attempt, end: Outcome): Promise<void> {
  const isFinished = await finishEvent(trx, attempt, end);
  if (!isFinished || event.outcome !== 'review' || end.outcome === 'review') return;
  const reason = `a later attempt ended ${end.outcome}`;
  for (const subject of [event.id, end.paymentIntent]) {
    if (subject) await withdrawQuestion(trx, { kind: 'event_failed', subject }, reason);
  }
}

interface ToldAttempt {
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly attempt: number | null;
  readonly duration_ms: number;
  readonly stripe_calls: number;
}

function logAttempt({ id, type }: StoredEvent, told: ToldAttempt, { log }: Deps): void {
  log.info('event', { event: id, type, ...told });
}
