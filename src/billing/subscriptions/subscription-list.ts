import { type Db, firstRow } from '../../platform/db.ts';
import { type ListOrder, type Page, type PageAsked, readPage } from '../../platform/pages.ts';
import { BESIDE_OWNER_OF_SUBSCRIPTION, OWNER_OF_SUBSCRIPTION, PERHAPS_OF_REFERENCE } from './owner.ts';
import { type Standing, standingOf } from './standing.ts';
import { STATUSES, type Subscription, type SubscriptionStatus } from './subscription.ts';
import { itemsOfAll } from './subscriptions.ts';

/** The list of subscriptions, newest first, as people look through it. */
export interface SubscriptionFilter {
  readonly standing?: Standing['status'] | undefined;
  /** A whole id (sub_…, cus_…) or reference, or a part of an e-mail address. */
  readonly search?: string | undefined;
  /** Whose they are in the application. */
  readonly reference?: string | undefined;
}

export interface ListedSubscription
  extends Pick<
    Subscription,
    | 'id'
    | 'customer'
    | 'email'
    | 'status'
    | 'pauseCollection'
    | 'cancelAtPeriodEnd'
    | 'cancelAt'
    | 'endedAt'
    | 'created'
    | 'items'
  > {
  /** Whose it is in the application; null: nobody’s, or nobody knows. */
  readonly reference: string | null;
}

interface ListRow {
  readonly id: string;
  readonly customer: string;
  readonly email: string | null;
  readonly status: SubscriptionStatus;
  readonly pause_collection: string | null;
  readonly cancel_at_period_end: boolean;
  readonly cancel_at: Date | null;
  readonly ended_at: Date | null;
  readonly created: Date;
  readonly reference: string | null;
}

/** Schedules (sub_sched_…) are no subscriptions. */
export const SUBSCRIPTION_ID = /^sub_(?!sched_)\w{1,200}$/;

const ORDER: ListOrder = { table: 'subscriptions', by: 'created', newestFirst: true, ids: SUBSCRIPTION_ID };

const SELECT = `SELECT subscriptions.id, customer, email, status, pause_collection, cancel_at_period_end, cancel_at, ended_at,
    created, ${OWNER_OF_SUBSCRIPTION} AS reference
  FROM subscriptions ${BESIDE_OWNER_OF_SUBSCRIPTION}`;

/** @returns undefined when the subscription to begin or end at is not there */
export async function pageOfSubscriptions(
  db: Db,
  filter: SubscriptionFilter,
  asked: PageAsked,
): Promise<Page<ListedSubscription> | undefined> {
  const page = await readPage<ListRow>(db, ORDER, { select: SELECT, ...conditionsOf(filter) }, asked);
  if (!page) return undefined;
  const ids = page.rows.map(({ id }) => id);
  const items = await itemsOfAll(db, ids);
  return { ...page, rows: page.rows.map((row) => listed(row, items.get(row.id) ?? [])) };
}

function listed(row: ListRow, items: Subscription['items']): ListedSubscription {
  const { pause_collection, cancel_at_period_end, cancel_at, ended_at, ...rest } = row;
  return {
    ...rest,
    pauseCollection: pause_collection,
    cancelAtPeriodEnd: cancel_at_period_end,
    cancelAt: cancel_at,
    endedAt: ended_at,
    items,
  };
}

/** Whose it is in the application; null: nobody’s, or nobody knows. */
export async function referenceOfSubscription(db: Db, id: string): Promise<string | null> {
  const row = await firstRow<ListRow>(db, `${SELECT} WHERE subscriptions.id = ?`, [id]);
  return row?.reference ?? null;
}

/** Stripe's words for a standing. It takes no more than the status: why and until when it stands so is another matter. */
export function statusesOf(standing: Standing['status']): SubscriptionStatus[] {
  const plain = { pauseCollection: null, cancelAtPeriodEnd: false, cancelAt: null, endedAt: null, items: [] };
  return STATUSES.filter((status) => standingOf({ ...plain, status }).status === standing);
}

/** Only what is asked for, so that Postgres sees which index serves it. */
function conditionsOf({ standing, search, reference }: SubscriptionFilter) {
  const where: string[] = [];
  const bindings: Record<string, string> = {};
  if (standing) {
    where.push(`status = ANY(string_to_array(:statuses, ','))`);
    bindings.statuses = statusesOf(standing).join(',');
  }
  if (search) {
    where.push(`(subscriptions.id = :search OR customer = :search OR email ILIKE :part
      OR known.reference = :search OR said.reference = :search
      OR EXISTS (SELECT FROM access_grants g WHERE g.reference = :search AND g.cause = 'subscription:' || subscriptions.id))`);
    bindings.search = search;
    bindings.part = `%${search.replace(/[\\%_]/g, '\\$&')}%`;
  }
  if (reference !== undefined) {
    where.push(`subscriptions.id = ANY(ARRAY(${PERHAPS_OF_REFERENCE}))`, `${OWNER_OF_SUBSCRIPTION} = :reference`);
    bindings.reference = reference;
  }
  return { where, bindings };
}
