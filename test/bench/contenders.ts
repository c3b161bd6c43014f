import express from 'express';
import pg from 'pg';
import Stripe from 'stripe';

/**
 * The two handlers that the receiver is measured against, each as plain as the tutorials write it:
 * `node test/bench/contenders.ts verify-only|textbook`. Prints the port it listens on.
 */
const secret = process.env.STRIPE_WEBHOOK_SECRETS ?? '';
const stripe = new Stripe('sk_test_bench');
const app = express();

function verified(request: express.Request): Stripe.Event | undefined {
  try {
    return stripe.webhooks.constructEvent(request.body, request.headers['stripe-signature'] ?? '', secret);
  } catch {
    return undefined;
  }
}

if (process.argv[2] === 'textbook') {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL ?? '' });
  await pool.query('CREATE TABLE IF NOT EXISTS processed_events (stripe_event_id text PRIMARY KEY, payload jsonb)');
  app.post('/webhooks/stripe', express.raw({ type: 'application/json' }), async (request, response) => {
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
} else {
  app.post('/webhooks/stripe', express.raw({ type: 'application/json' }), (request, response) => {
    if (!verified(request)) return void response.status(400).send('Webhook Error');
    response.json({ received: true });
  });
}

const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  process.stdout.write(`${JSON.stringify({ message: 'ready', url: `http://127.0.0.1:${port}` })}\n`);
});
