import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../../platform/db.ts';
import type { Price } from './subscription.ts';

/** The tables `prices` and `products`: what was sold, and how it is called. */
interface PriceRow {
  readonly id: string;
  readonly product: string;
  readonly lookup_key: string | null;
  readonly active: boolean;
  readonly currency: string;
  readonly unit_amount: number | null;
  readonly interval: Price['interval'];
  readonly interval_count: number | null;
  readonly usage_type: Price['usageType'];
}

/** @param from when Stripe was asked; an older answer never overwrites a newer one */
export async function writePrice(db: Db, price: Price, from: Date): Promise<void> {
  await rows(
    db,
    `INSERT INTO prices (id, product, lookup_key, active, currency, unit_amount, interval, interval_count, usage_type, synced_from)
     VALUES (:id, :product, :lookupKey, :active, :currency, :unitAmount, :interval, :intervalCount, :usageType, :from)
     ON CONFLICT ON CONSTRAINT prices_once DO UPDATE SET
       product = excluded.product, lookup_key = excluded.lookup_key, active = excluded.active,
       unit_amount = excluded.unit_amount, synced_from = excluded.synced_from
     WHERE prices.synced_from <= excluded.synced_from`,
    { ...price, from },
  );
}

export async function findPrices(db: Db | Knex.Transaction, ids: readonly string[]): Promise<Map<string, Price>> {
  const found = await rows<PriceRow>(
    db,
    `SELECT id, product, lookup_key, active, currency, unit_amount, interval, interval_count, usage_type
     FROM prices WHERE id = ANY(?)`,
    [[...ids]],
  );
  return new Map(found.map((row) => [row.id, priceOfRow(row)]));
}

function priceOfRow({ lookup_key, unit_amount, interval_count, usage_type, ...rest }: PriceRow): Price {
  return {
    ...rest,
    lookupKey: lookup_key,
    unitAmount: unit_amount,
    intervalCount: interval_count,
    usageType: usage_type,
  };
}

interface Product {
  readonly id: string;
  readonly name: string;
  readonly active: boolean;
}

/**
 * What a subscription is of, each row by itself and before the subscription: many have the same prices, in any order, and would
 * wait for each other's transactions, or two for one another.
 */
export async function writeCatalog(
  db: Db,
  products: readonly Product[],
  items: readonly { readonly price: Price }[],
  from: Date,
): Promise<void> {
  for (const product of products) await writeProduct(db, product, from);
  for (const { price } of items) await writePrice(db, price, from);
}

/** @param from when Stripe was asked */
export async function writeProduct(db: Db, product: Product, from: Date): Promise<void> {
  await rows(
    db,
    `INSERT INTO products (id, name, active, synced_from) VALUES (:id, :name, :active, :from)
     ON CONFLICT ON CONSTRAINT products_once DO UPDATE SET
       name = excluded.name, active = excluded.active, synced_from = excluded.synced_from
     WHERE products.synced_from <= excluded.synced_from`,
    { id: product.id, name: product.name, active: product.active, from },
  );
}

/** Live subscriptions with an item at one of these prices, or at a price of this product. */
export async function subscriptionsAt(db: Db | Knex.Transaction, priceOrProduct: string): Promise<string[]> {
  const found = await rows<{ subscription: string }>(
    db,
    `SELECT DISTINCT subscription FROM subscription_items JOIN prices ON prices.id = price
     WHERE prices.id = :id OR product = :id ORDER BY subscription`,
    { id: priceOrProduct },
  );
  return found.map(({ subscription }) => subscription);
}

export async function findProduct(db: Db, id: string): Promise<{ readonly name: string } | undefined> {
  return firstRow<{ name: string }>(db, 'SELECT name FROM products WHERE id = ?', [id]);
}
