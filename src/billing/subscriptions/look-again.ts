import { Refused } from '../../platform/errors.ts';
import { whenFree } from '../../platform/when-free.ts';
import type { Outcome } from '../../stripe/inbox/events.ts';
import type { Deps } from '../deps/deps.ts';
import { recordAudit } from '../desk/audit-log.ts';
import type { Decider } from '../desk/questions.ts';
import { SUBSCRIPTION_ID } from './subscription-list.ts';
import { type SubscriptionRef, syncSubscription } from './sync-subscription.ts';

/**
 * A person has Stripe asked about a subscription now: one whose events were missed, or that looks wrong. What Stripe says is
 * kept, and what it gives is decided by that. The audit row says what came of it; when Stripe can't be asked, there is none.
 * @returns ignored when Stripe does not have it: then nothing changes here
 */
export async function lookAgain(
  { subscription }: SubscriptionRef,
  deps: Deps,
  { actor, reason }: Decider,
): Promise<Outcome> {
  if (!SUBSCRIPTION_ID.test(subscription)) throw new Refused(`${subscription} is no subscription (sub_…).`);
  const audit = { actor, action: 'subscription.look_again', subject: subscription, reason };
  return whenFree(async () => {
    const end = await syncSubscription(
      { subscription },
      {
        ...deps,
        finish: (trx, { reason: result }) => recordAudit(trx, { ...audit, details: { result } }),
      },
    );
    if (end.outcome === 'ignored') await recordAudit(deps.db, { ...audit, details: { result: end.reason } });
    return end;
  });
}
