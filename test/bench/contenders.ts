import { Queue } from 'bullmq';
import express from 'express';
import { Redis } from 'ioredis';
import pg from 'pg';
import Stripe from 'stripe';

/**
 * The handlers that the receiver is measured against, each as plain as the tutorials write it:
 * `node test/bench/contenders.ts verify-only|textbook|queue-backed`. Prints the address it listens on.
 */
const secret = process.env.STRIPE_WEBHOOK_SECRETS ?? '';
const stripe = new Stripe('sk_test_bench');
const app = express();
const path = '/webhooks/stripe';
const raw = express.raw({ type: 'application/json' });

function verified(request: express.Request): Stripe.Event | undefined {
  try {
    return stripe.webhooks.constructEvent(request.body, request.headers['stripe-signature'] ?? '', secret);
  } catch {
    return undefined;
  }
}

function verifyOnly(): void {
  app.post(path, raw, (request, response) => {
    if (!verified(request)) return void response.status(400).send('Webhook Error');
    response.json({ received: true });
  });
}

/** Look whether it is known, store it, answer. */
async function textbook(): Promise<void> {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL ?? '' });
  await pool.query('CREATE TABLE IF NOT EXISTS processed_events (stripe_event_id text PRIMARY KEY, payload jsonb)');
  app.post(path, raw, async (request, response) => {
    const event = verified(request);
    if (!event) return void response.status(400).send('Webhook Error');
    const existing = await pool.query('SELECT stripe_event_id FROM processed_events WHERE stripe_event_id = $1', [
      event.id,
    ]);
    if (existing.rows.length === 0) {
      await pool.query('INSERT INTO processed_events (stripe_event_id, payload) VALUES ($1, $2)', [event.id, event]);
    }
    response.json({ received: true });
  });
}

/** Store it unless it is known, add its job, answer: what our receiver does, an event at a time. */
async function queueBacked(): Promise<void> {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL ?? '' });
  await pool.query('CREATE TABLE IF NOT EXISTS queued_events (id text PRIMARY KEY, type text NOT NULL, payload jsonb)');
  const connection = new Redis(process.env.REDIS_URL ?? '', { maxRetriesPerRequest: null });
  const queue = new Queue('stripe-events', { connection, prefix: 'queue-backed' });
  app.post(path, raw, async (request, response) => {
    const event = verified(request);
    if (!event) return void response.status(400).send('Webhook Error');
    const stored = await pool.query(
      'INSERT INTO queued_events (id, type, payload) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING RETURNING id',
      [event.id, event.type, event],
    );
    if (stored.rowCount === 1) await queue.add(event.type, { eventId: event.id }, { jobId: event.id, attempts: 5 });
    response.json({ received: true });
  });
}

switch (process.argv[2]) {
  case 'verify-only':
    verifyOnly();
    break;
  case 'textbook':
    await textbook();
    break;
  case 'queue-backed':
    await queueBacked();
    break;
  default:
    throw new Error('Which one? verify-only, textbook or queue-backed');
}

const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  process.stdout.write(`${JSON.stringify({ message: 'ready', url: `http://127.0.0.1:${port}` })}\n`);
});
