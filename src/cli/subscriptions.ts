import { endOf } from '../billing/access/grant.ts';
import type { AccessPolicy } from '../billing/policy/access.ts';
import { classInWords, howInWords } from '../billing/recovery/case-words.ts';
import { type SubscriptionTrace, traceSubscription } from '../billing/subscription-trace.ts';
import { planInWords, plansInWords, priceInWords } from '../billing/subscriptions/item-words.ts';
import { lookAgain } from '../billing/subscriptions/look-again.ts';
import { type Standing, standingOf } from '../billing/subscriptions/standing.ts';
import { standingInWords } from '../billing/subscriptions/standing-words.ts';
import { type ListedSubscription, pageOfSubscriptions } from '../billing/subscriptions/subscription-list.ts';
import { formatMoney } from '../platform/money.ts';
import { minute, operator, withDeps } from './on-database.ts';
import { subscriptionId } from './subscription-id.ts';
import type { Terminal } from './terminal.ts';

/** Subscriptions from a shell: who has one, how each stands, and asking Stripe about one. */
const STANDINGS: readonly Standing['status'][] = ['active', 'trialing', 'past_due', 'canceled', 'none'];

/** A page of `readPage` is read whole. */
const MOST_LISTED = 1_000;

export async function list(
  terminal: Terminal,
  options: { status?: string; search?: string; limit: string; json: boolean },
): Promise<void> {
  const standing = STANDINGS.find((known) => known === options.status);
  if (options.status && !standing) throw new Error(`--status must be one of ${STANDINGS.join(', ')}.`);
  const limit = Number(options.limit);
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MOST_LISTED) {
    throw new Error(`--limit must be a whole number from 1 to ${MOST_LISTED}.`);
  }
  await withDeps(terminal, async ({ db, policy: { access }, timeZone }) => {
    const page = await pageOfSubscriptions(db, { standing, search: options.search }, { limit });
    const found = page?.rows ?? [];
    if (options.json) terminal.say(JSON.stringify(found.map(listedAsJson), null, 2));
    else if (found.length === 0) terminal.say('There are no such subscriptions.');
    else for (const each of found) terminal.say(lineOf(each, access, timeZone));
  });
}

function listedAsJson(subscription: ListedSubscription): object {
  return { ...subscription, standing: standingOf(subscription) };
}

function lineOf(each: ListedSubscription, access: AccessPolicy, timeZone: string): string {
  return [
    each.id,
    howItStands(standingOf(each), timeZone),
    plansInWords(each.items, access),
    each.reference ?? 'nobody',
    each.email ?? each.customer,
  ].join('  ');
}

function howItStands(standing: Standing, timeZone: string): string {
  const { status, why, endsAt } = standing;
  const words = standingInWords({ status, why: why === 'ends' ? null : why });
  return endsAt ? `${words}, ends ${minute(endsAt, timeZone)}` : words;
}

export async function show(terminal: Terminal, id: string, { json }: { json: boolean }): Promise<void> {
  await withDeps(terminal, async ({ db, policy: { access }, timeZone }) => {
    const trace = await traceSubscription(db, subscriptionId(id));
    if (!trace) throw new Error(`Nothing is known of ${id}. Ask Stripe: quittance subscriptions sync ${id}`);
    if (json) terminal.say(JSON.stringify(traceAsJson(trace), null, 2));
    else for (const line of story(trace, access, timeZone)) terminal.say(line);
  });
}

function traceAsJson({ prices: _, ...trace }: SubscriptionTrace): object {
  return { ...trace, standing: standingOf(trace.subscription) };
}

function story(trace: SubscriptionTrace, access: AccessPolicy, timeZone: string): string[] {
  const { subscription, reference } = trace;
  const at = (moment: Date) => minute(moment, timeZone);
  return [
    `${subscription.id}  ${howItStands(standingOf(subscription), timeZone)}  ${reference ?? 'nobody'}  ${subscription.customer}${subscription.email ? `  ${subscription.email}` : ''}`,
    ...subscription.items.map(
      ({ price, quantity, periodStart, periodEnd }) =>
        `  Item     ${quantity === null ? '' : `${quantity} × `}${planInWords(price, access)}  ${priceInWords(price)}  ${at(periodStart)} – ${at(periodEnd)}`,
    ),
    ...trace.grants.map((grant) => `  Access   ${grantLine(grant, at)}`),
    ...trace.invoices.map(
      ({ id, number, status, total, currency, attemptCount, nextPaymentAttempt: next }) =>
        `  Invoice  ${number ?? id}  ${status}  ${formatMoney({ amount: total, currency })}  ${attemptCount} ${attemptCount === 1 ? 'try' : 'tries'}${next ? `, the next ${at(next)}` : ''}`,
    ),
    ...trace.cases.map(
      (each) =>
        `  Failed   ${each.number ?? each.id}  ${formatMoney(each)}  ${classInWords(each.decline_class)}  ${howInWords(each.how)}  (quittance recovery show ${each.id})`,
    ),
    ...trace.questions.map(({ id, kind, state, summary }) => `  Review   ${id}  ${kind} (${state}): ${summary}`),
    ...trace.events.map(
      ({ id, type, received_at, outcome, reason }) =>
        `  Event    ${at(received_at)}  ${id}  ${type}  ${outcome ?? 'open'}  ${reason ?? ''}`,
    ),
    `  Stripe was asked ${at(trace.asked)}`,
  ];
}

function grantLine(grant: SubscriptionTrace['grants'][number], at: (moment: Date) => string): string {
  const { feature, value, reference, until, ended_at: ended, ended_because: why } = grant;
  const name = `${feature}${value === null ? '' : ` (${value})`}  ${reference}`;
  if (ended) return `${name}  ended ${at(ended)}: ${why}`;
  const kept = endOf({ until, graceUntil: grant.grace_until, bridgedUntil: grant.bridged_until });
  if (until === null || kept === null) return `${name}  without an end`;
  return `${name}  until ${at(until)}${kept > until ? `, kept until ${at(kept)}` : ''}`;
}

export async function sync(terminal: Terminal, id: string, { reason }: { reason: string }): Promise<number> {
  let code = 0;
  await withDeps(terminal, async (deps) => {
    const end = await lookAgain({ subscription: subscriptionId(id) }, deps, { actor: operator(), reason });
    if (end.outcome === 'ignored') code = 1;
    terminal.say(`${id}  ${end.outcome}: ${end.reason}`);
  });
  return code;
}
