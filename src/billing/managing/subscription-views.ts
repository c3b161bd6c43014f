import { type Db, rows } from '../../platform/db.ts';
import type { PageAsked } from '../../platform/pages.ts';
import { endOf, later } from '../access/grant.ts';
import { pageOfSubscriptions, referenceOfSubscription } from '../subscriptions/subscription-list.ts';
import { findSubscriptions, type KeptSubscription } from '../subscriptions/subscriptions.ts';
import { type KeptOpenInvoice, openInvoicesOf } from './open-invoices.ts';
import { type Possible, possibleNow } from './possible.ts';
import { waitsFor } from './waits-for.ts';

/** A subscription as an application is told of it: from what is kept, without a request to Stripe. */
export interface SubscriptionView {
  readonly subscription: KeptSubscription;
  /** Whose it is in the application; null: nobody’s, or nobody knows. */
  readonly reference: string | null;
  /** What it gives now, by name. */
  readonly features: readonly string[];
  /** The longest that it gives any of them; null: without an end, or it gives nothing. */
  readonly until: Date | null;
  /** The oldest invoice that waits to be paid. */
  readonly openInvoice: KeptOpenInvoice | undefined;
  readonly possible: readonly Possible[];
}

/** @returns undefined when nothing is known of it here */
export async function viewSubscription(db: Db, id: string): Promise<SubscriptionView | undefined> {
  const reference = await referenceOfSubscription(db, id);
  const [view] = await viewsOf(db, [{ id, reference }]);
  return view;
}

export interface ViewPage<View> {
  readonly rows: readonly View[];
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
}

/** Those of somebody of the application, newest first. @returns undefined when the one to begin or end at is not there */
export async function viewsOfReference(
  db: Db,
  reference: string,
  asked: PageAsked,
): Promise<ViewPage<SubscriptionView> | undefined> {
  const page = await pageOfSubscriptions(db, { reference }, asked);
  return page && { ...page, rows: await viewsOf(db, page.rows) };
}

async function viewsOf(
  db: Db,
  listed: readonly { readonly id: string; readonly reference: string | null }[],
): Promise<SubscriptionView[]> {
  const ids = listed.map(({ id }) => id);
  const [found, open, given] = await Promise.all([
    findSubscriptions(db, ids),
    openInvoicesOf(db, ids),
    givenBy(db, ids),
  ]);
  const byId = new Map(found.map((each) => [each.id, each]));
  return listed.flatMap(({ id, reference }) => {
    const subscription = byId.get(id);
    if (!subscription) return [];
    const oldestFirst = open.get(id) ?? [];
    const possible = possibleNow({ subscription, openInvoice: waitsFor(subscription, oldestFirst) });
    return [{ subscription, reference, openInvoice: oldestFirst[0], possible, ...together(given.get(id) ?? []) }];
  });
}

interface GivenRow {
  readonly subscription: string;
  readonly now: Date;
  readonly feature: string;
  readonly until: Date | null;
  readonly grace_until: Date | null;
  readonly bridged_until: Date | null;
}

async function givenBy(db: Db, subscriptions: readonly string[]): Promise<Map<string, GivenRow[]>> {
  const found = await rows<GivenRow>(
    db,
    `SELECT asked AS subscription, now() AS now, feature, until, grace_until, bridged_until
     FROM unnest(?::text[]) asked JOIN access_grants ON cause = 'subscription:' || asked AND ended_at IS NULL`,
    [[...subscriptions]],
  );
  return Map.groupBy(found, ({ subscription }) => subscription);
}

/** What has run out is given no more, whether or not somebody has noticed. */
function together(given: readonly GivenRow[]): Pick<SubscriptionView, 'features' | 'until'> {
  const standing = given.filter(({ now, until, grace_until: graceUntil, bridged_until: bridgedUntil }) => {
    const end = endOf({ until, graceUntil, bridgedUntil });
    return end === null || end > now;
  });
  const [first, ...more] = standing.map(({ until }) => until);
  return {
    features: standing.map(({ feature }) => feature).sort(),
    until: first === undefined ? null : more.reduce(later, first),
  };
}
