import { bug, Refused } from '../../platform/errors.ts';
import { takingTurns } from '../../platform/turn.ts';
import { whenFree } from '../../platform/when-free.ts';
import { isRefusal } from '../../stripe/errors.ts';
import type { Deps } from '../deps/deps.ts';
import { recordAudit } from '../desk/audit-log.ts';
import type { Decider } from '../desk/questions.ts';
import { NoSuchSubscription } from '../subscriptions/no-such-subscription.ts';
import { syncSubscription } from '../subscriptions/sync-subscription.ts';
import { carryOut } from './carry-out.ts';
import type { Deed, Done } from './deed.ts';
import { type LookedAtStripe, lookAtKept, lookAtStripe } from './look.ts';
import { type Plan, planDeed } from './plan-deed.ts';

/** What came of a deed. */
export interface Managed {
  /** Whether anything was asked of Stripe; else it stood so already. */
  readonly changed: boolean;
  readonly done: Done;
}

/** Beyond the end of the turn of a process that died while it asked. */
const LONGEST_WAIT_MS = 35_000;

/**
 * Cancels, resumes, pauses or unpauses a subscription. Stripe is looked at first: what is done already is not asked for a
 * second time, whoever has done it; so two that ask side by side, or one that asks again after a crash, lead to one request.
 * What Stripe says afterwards is kept before this returns, and access follows it.
 * @param by its audit row is there before Stripe is asked
 * @throws Refused that says what to do instead; NoSuchSubscription
 */
export async function manageSubscription(id: string, deed: Deed, by: Decider, deps: Deps): Promise<Managed> {
  return whenFree(() => takingTurns(deps.db, `managing:${id}`, id, () => manageAlone(id, deed, by, deps)));
}

async function manageAlone(id: string, deed: Deed, by: Decider, deps: Deps): Promise<Managed> {
  const looked = (await lookAtStripe(deps, id)) ?? missing(id);
  const plan = planDeed(deed, looked, deps.clock());
  if (plan.plan === 'refused') throw new Refused(plan.why);
  const changed = plan.plan === 'do';
  if (changed) {
    const { deed: what, ...details } = deed;
    const audit = { actor: by.actor, action: `subscription.${what}`, subject: id, reason: by.reason };
    await recordAudit(deps.db, { ...audit, details });
    await askStripe(plan, deed, looked, deps);
  }
  await whenFree(() => syncSubscription({ subscription: id }, deps), LONGEST_WAIT_MS);
  return { changed, done: await doneNow(id, deed, deps) };
}

/** A refusal may come of what was done already: by somebody else just now, or by a request of ours whose answer was lost. */
async function askStripe(
  { steps }: Extract<Plan, { plan: 'do' }>,
  deed: Deed,
  looked: LookedAtStripe,
  deps: Deps,
): Promise<void> {
  try {
    for (const step of steps) await carryOut(step, looked, deps.stripe);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const after = await lookAtStripe(deps, looked.subscription.id);
    if (!after || planDeed(deed, after, deps.clock()).plan !== 'done') throw error;
  }
}

async function doneNow(id: string, deed: Deed, { db, clock }: Deps): Promise<Done> {
  const looked = (await lookAtKept(db, id)) ?? bug(`${id} is not kept although Stripe was asked about it`);
  const plan = planDeed(deed, looked, clock());
  if (plan.plan === 'done') return plan.done;
  throw new Refused(
    `Stripe took what was asked about subscription ${id}, and says that it is ${looked.subscription.status} now: somebody may have changed it meanwhile. Look at it, and try again.`,
  );
}

function missing(id: string): never {
  throw new NoSuchSubscription(id);
}
