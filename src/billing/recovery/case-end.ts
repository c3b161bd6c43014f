import { after } from '../../platform/clock.ts';
import type { RecoveryPolicy } from '../policy/recovery.ts';

/** When a case ends unpaid and when access does, pure. */

const DAY = 86_400;

export interface Unpaid {
  readonly firstFailedAt: Date;
  /** Of the plan: what was not paid for ends with it, and the next invoice begins. */
  readonly periodDays: number;
}

/** Of a case that we end. In mode stripe it is Stripe that ends it, and says so only as it happens. */
export function plannedEnd({ firstFailedAt, periodDays }: Unpaid, policy: RecoveryPolicy): Date | undefined {
  const { mode, end_days } = policy;
  if (mode === 'stripe') return undefined;
  return after(firstFailedAt, Math.min(end_days, periodDays) * DAY);
}

export function graceEnd({ firstFailedAt, periodDays }: Unpaid, { grace_days }: RecoveryPolicy): Date {
  return after(firstFailedAt, Math.min(grace_days, periodDays) * DAY);
}
