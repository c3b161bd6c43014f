import { setTimeout as sleep } from 'node:timers/promises';
import { type Log, messageOf } from '../platform/log.ts';
import type { EventSignal, JobQueues } from './enqueue.ts';

/** A worker hears of an event this much later at the most. */
const PAUSE_MS = 5;

/**
 * Sends the signals of stored events. Nobody waits for them: the first goes in the next turn, when the answers are written,
 * and what comes while a call is on its way, or within a few milliseconds after it, goes together with the next: a call
 * costs as much as five of its jobs. A signal that fails is forgotten: the sweeper finds its event.
 */
export interface Signaller {
  signal(event: EventSignal): void;
  /** Resolves when none is waiting or on its way. */
  idle(): Promise<void>;
}

export function signaller(jobs: Pick<JobQueues, 'enqueue'>, log: Log): Signaller {
  let waiting: EventSignal[] = [];
  let sending: Promise<void> | undefined;

  async function send(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const events = waiting;
      waiting = [];
      await jobs
        .enqueue(events)
        .catch((error: unknown) => log.debug('not enqueued yet', { events: events.length, error: messageOf(error) }));
      await sleep(PAUSE_MS);
    }
    sending = undefined;
  }

  return {
    signal(event) {
      waiting.push(event);
      sending ??= send();
    },
    async idle() {
      await sending;
    },
  };
}
