import { openPortal } from '../checkouts/open-portal.ts';
import type { Deps } from '../deps/deps.ts';
import { recordAudit } from '../desk/audit-log.ts';
import type { Decider } from '../desk/questions.ts';

/**
 * A person of the business asks for the address of the customer's page, to hand it on. Whoever has it can do there what the
 * customer can, so the audit log says who asked for it.
 * @throws Refused when the subscription is not known, or nothing can be done about it any more
 */
export async function openPortalFor(
  id: string,
  returnUrl: string | undefined,
  { actor, reason }: Decider,
  deps: Pick<Deps, 'db' | 'stripe'>,
): Promise<{ readonly url: string }> {
  const opened = await openPortal(id, returnUrl, deps);
  await recordAudit(deps.db, { actor, action: 'subscription.portal', subject: id, reason });
  return opened;
}
