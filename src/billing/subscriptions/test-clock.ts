import type Stripe from 'stripe';
import { fromUnix } from '../../platform/clock.ts';

const STATUSES = ['advancing', 'ready', 'internal_failure'] as const;

/** A test clock of Stripe: in test mode, what belongs to its customers happens at its time. */
export interface TestClock {
  /** clock_… */
  readonly id: string;
  readonly status: (typeof STATUSES)[number];
  readonly frozenTime: Date;
}

/** Pure. A word that we don't know is an error, never a guess. */
export function testClockOf({ id, status: said, frozen_time: frozen }: Stripe.TestHelpers.TestClock): TestClock {
  const status = STATUSES.find((each) => each === said);
  if (!status) throw new Error(`Stripe says ${said} of ${id}, which this release does not know: a newer one may.`);
  return { id, status, frozenTime: fromUnix(frozen) };
}

export interface InTheTimeOf {
  /** Of the invoice that was to be paid: `finalized_at`, else `created`. Stripe tells these by the test clock. */
  readonly invoiced: Date;
  readonly frozenTime: Date;
}

/**
 * When a try to pay happened in the time of its test clock, pure. Stripe does not say whether charges bear that time or the time of
 * the machine; in the time of the clock it is after the invoice and not after the clock. Else it is taken for as late as can be.
 */
export function triedAt(said: Date | null, { invoiced, frozenTime }: InTheTimeOf): Date {
  if (said !== null && said >= invoiced && said <= frozenTime) return said;
  return frozenTime > invoiced ? frozenTime : invoiced;
}
