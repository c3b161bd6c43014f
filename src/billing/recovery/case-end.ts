import { after } from '../../platform/clock.ts';
import type { RecoveryPolicy } from '../policy/recovery.ts';
import type { InvoiceLine } from '../subscriptions/subscription.ts';

/** When a case ends unpaid, pure. How long access is kept is said by `access.grace_days` alone. */

const DAY = 86_400;

export interface Unpaid {
  readonly firstFailedAt: Date;
  /** Of the plan: what was not paid for ends with it, and the next invoice begins. Undefined: nothing of it has a period. */
  readonly periodDays: number | undefined;
}

/** Of a case that we end. In mode stripe it is Stripe that ends it, and says so only as it happens. */
export function plannedEnd({ firstFailedAt, periodDays }: Unpaid, policy: RecoveryPolicy): Date | undefined {
  const { mode, end_days } = policy;
  if (mode === 'stripe') return undefined;
  return after(firstFailedAt, Math.min(end_days, periodDays ?? end_days) * DAY);
}

/** The shortest period that the invoice is over, a day at least. A part of one says nothing of it. */
export function periodDays(
  lines: readonly Pick<InvoiceLine, 'proration' | 'periodStart' | 'periodEnd'>[],
): number | undefined {
  const days = lines.flatMap(({ proration, periodStart, periodEnd }) =>
    proration || periodEnd <= periodStart ? [] : (periodEnd.getTime() - periodStart.getTime()) / (DAY * 1000),
  );
  return days.length === 0 ? undefined : Math.max(1, Math.min(...days));
}
