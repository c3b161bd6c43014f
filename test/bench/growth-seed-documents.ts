import type { Size, Step } from './growth-seed.ts';

/** What the events of growth-seed.ts have led to: payments with their documents, own invoices, messages, questions. */
export function documentSteps(size: Size): Step[] {
  return [...paymentSteps(size), ...invoiceSteps(size), ...messageSteps(size), ...questionSteps(size)];
}

/** Nine of ten are invoiced; every twentieth is refunded in part. */
function paymentSteps({ payments }: Size): Step[] {
  return [
    {
      what: 'payments',
      rows: payments,
      sql: `
        INSERT INTO payments (payment_intent, livemode, status, amount_received, currency, paid_at, customer, charge, verdict,
                              reason, settled_at, first_seen_at, updated_at)
        SELECT pg_temp.payment(n), false, 'succeeded', 1000 + n % 9000, (ARRAY['eur', 'eur', 'usd'])[n % 3 + 1], at,
               'cus_' || pg_temp.letters('cus' || n % 20000, 14), 'ch_3' || pg_temp.letters('ch' || n, 22),
               CASE WHEN n % 10 = 0 THEN 'skip' ELSE 'invoice' END, 'rule 1', CASE WHEN n <= ${payments} - 300 THEN at END, at, at
        FROM (SELECT n, pg_temp.payment_at(n) AS at FROM generate_series($1::bigint, $2::bigint) n) AS payment ORDER BY n`,
    },
    {
      what: 'invoices of payments',
      rows: payments,
      sql: `
        INSERT INTO payment_invoices (account, payment_intent, step, customer, stripe_invoice, number, currency, total, settlement,
                                      claimed_at, paid_at)
        SELECT '', payment_intent, 'paid', customer, 'in_1' || pg_temp.letters('in' || n, 22), 'A-' || n, currency,
               amount_received, 'out_of_band', paid_at, paid_at
        FROM generate_series($1::bigint, $2::bigint) n JOIN payments p ON p.account = '' AND p.payment_intent = pg_temp.payment(n)
        WHERE settled_at IS NOT NULL AND verdict = 'invoice' ORDER BY n`,
    },
    {
      what: 'refunds and credit notes',
      rows: payments,
      sql: `
        WITH refund AS (
          INSERT INTO adjustments (id, kind, account, payment_intent, amount, currency, status, happened_at, decision, reason)
          SELECT 're_3' || pg_temp.letters('re' || n, 22), 'refund', '', payment_intent, 500, currency, 'succeeded',
                 paid_at + interval '1 hour', 'note', 'a refund that succeeded'
          FROM generate_series($1::bigint, $2::bigint) n JOIN payments p ON p.account = '' AND p.payment_intent = pg_temp.payment(n)
          WHERE n % 20 = 1 RETURNING *)
        INSERT INTO credit_notes (adjustment, account, payment_intent, stripe_invoice, amount, currency, allocation,
                                  stripe_credit_note, number, issued_at)
        SELECT id, '', payment_intent, 'in_1' || substr(id, 5), amount, currency, 'out_of_band', 'cn_1' || substr(id, 5),
               'CN-' || substr(id, 5), happened_at FROM refund`,
    },
  ];
}

/** Of a hundred five are drafts, fifteen unpaid (most of them overdue), seven void, the rest paid. */
function invoiceSteps({ invoices }: Size): Step[] {
  return [
    {
      what: 'drafts of own invoices',
      rows: invoices,
      sql: `
        WITH draft AS (
          INSERT INTO invoices (id, series, customer_name, customer_email, customer_address, currency, prices_include_tax, due_date,
                                created_by, created_at)
          SELECT pg_temp.invoice(n), '2026', name, lower(replace(name, ' ', '.')) || '@example.com', E'1 Long Lane\\nSpringfield',
                 (ARRAY['eur', 'eur', 'eur', 'usd', 'jpy'])[n % 5 + 1], n % 2 = 0, (at + interval '14 days')::date, 'key:shop', at
          FROM (SELECT n, pg_temp.invoice_at(n) AS at,
                       (ARRAY['Ada', 'Grace', 'Edsger', 'Barbara', 'Donald', 'Radia', 'Ken', 'Frances'])[n % 8 + 1] || ' ' ||
                       initcap(pg_temp.letters('name' || n, 8)) AS name
                FROM generate_series($1::bigint, $2::bigint) n) AS one ORDER BY n)
        SELECT`,
    },
    {
      what: 'their lines',
      rows: invoices,
      sql: `
        INSERT INTO invoice_lines (invoice, position, description, quantity, unit_amount, tax_percent, optional)
        SELECT pg_temp.invoice(n), position, 'Hours of work, as agreed', n % 7 + 1, 900 + n % 5000,
               (ARRAY[0, 7.7, 19, 20])[n % 4 + 1], position = 3
        FROM generate_series($1::bigint, $2::bigint) n, generate_series(0, n % 4) position ORDER BY n, position`,
    },
    {
      what: 'own invoices issued',
      rows: invoices,
      sql: `
        UPDATE invoices SET status = 'issued', number = '2026-' || lpad(n::text, 6, '0'), issued_at = created_at + interval '1 minute'
        FROM generate_series($1::bigint, $2::bigint) n WHERE id = pg_temp.invoice(n) AND n % 100 >= 5`,
    },
    {
      what: 'own invoices paid or void',
      rows: invoices,
      sql: `
        UPDATE invoices SET status = CASE WHEN n % 100 < 27 THEN 'void' ELSE 'paid' END,
               voided_at = CASE WHEN n % 100 < 27 THEN created_at + interval '1 hour' END,
               paid_at = CASE WHEN n % 100 >= 27 THEN created_at + interval '1 day' END,
               paid_amount = CASE WHEN n % 100 >= 27 THEN 4900 END,
               payment_intent = CASE WHEN n % 100 >= 27 THEN pg_temp.payment(n * 4) END
        FROM generate_series($1::bigint, $2::bigint) n WHERE id = pg_temp.invoice(n) AND n % 100 >= 20`,
    },
    {
      what: 'checkouts and payment logs',
      rows: invoices,
      sql: `
        WITH attempt AS (
          INSERT INTO checkout_attempts (invoice, attempt, amount, currency, state, stripe_session, payment_intent, created_at, expires_at)
          SELECT id, attempt, 4900, currency, CASE WHEN attempt = 2 OR n % 2 = 0 THEN 'paid' ELSE 'expired' END,
                 'cs_' || attempt || pg_temp.letters('cs' || n, 22), payment_intent, created_at, created_at + interval '1 day'
          FROM generate_series($1::bigint, $2::bigint) n JOIN invoices ON id = pg_temp.invoice(n),
               generate_series(1, n % 2 + 1) attempt
          WHERE status = 'paid' ORDER BY n RETURNING *)
        INSERT INTO payment_log (invoice, at, kind, key, amount, currency, stripe_session, text)
        SELECT invoice, created_at, kind, stripe_session, amount, currency, stripe_session, 'The payment page was opened.'
        FROM attempt, unnest(ARRAY['session_opened', 'paid']) kind WHERE kind = 'session_opened' OR state = 'paid'`,
    },
  ];
}

export function messagesOf(invoices: number): number {
  return invoices * 2;
}

export function questionsOf(events: number): number {
  return Math.ceil(events / 50);
}

/** Two for each own invoice: mails and webhooks in turn. One in a hundred was given up. */
function messageSteps({ invoices }: Size): Step[] {
  const messages = messagesOf(invoices);
  return [
    {
      what: 'the endpoint of webhooks',
      rows: 1,
      sql: `INSERT INTO outgoing_endpoints (url, secret) SELECT 'https://shop.example/events', 'whsec_bench' FROM generate_series($1::bigint, $2::bigint)`,
    },
    {
      what: 'messages',
      rows: messages,
      sql: `
        WITH message AS (
          INSERT INTO messages (dedupe_key, channel, kind, recipient, endpoint, data, state, attempts, created_at, sent_at, next_attempt_at, last_error)
          SELECT 'bench:' || n, channel, CASE channel WHEN 'mail' THEN 'receipt' ELSE 'invoice.paid' END,
                 CASE channel WHEN 'mail' THEN 'buyer' || n || '@example.com' END,
                 CASE channel WHEN 'webhook' THEN (SELECT id FROM outgoing_endpoints) END,
                 jsonb_build_object('invoice', pg_temp.invoice((n + 1) / 2)), state, 1, at,
                 CASE state WHEN 'sent' THEN at + interval '2 seconds' END,
                 CASE state WHEN 'pending' THEN now() + interval '1 hour' ELSE at END,
                 CASE state WHEN 'dead' THEN '503 Service Unavailable' END
          FROM (SELECT n, pg_temp.message_at(n) AS at, (ARRAY['mail', 'webhook'])[n % 2 + 1] AS channel,
                       CASE WHEN n > ${messages} - 50 THEN 'pending' WHEN n % 100 = 1 THEN 'dead' WHEN n % 100 = 2 THEN 'skipped' ELSE 'sent' END AS state
                FROM generate_series($1::bigint, $2::bigint) n) AS one
          ORDER BY n RETURNING *)
        INSERT INTO message_attempts (message, at, duration_ms, ok, answer)
        SELECT id, created_at, 120, state = 'sent', coalesce(last_error, '200 OK') FROM message`,
    },
  ];
}

/** One for each fiftieth event; the newest two hundred wait. */
function questionSteps({ events }: Size): Step[] {
  const questions = questionsOf(events);
  return [
    {
      what: 'questions and their answers',
      rows: questions,
      sql: `
        WITH item AS (
          INSERT INTO review_items (kind, subject, summary, details, state, opened_at, closed_at, closed_by, decision, reason)
          SELECT CASE WHEN n % 4 = 0 THEN 'payment_mismatch' ELSE 'event_failed' END,
                 CASE WHEN n % 4 = 0 THEN pg_temp.payment(n * 9) ELSE pg_temp.event(n * 49) END,
                 'What was found is not what was expected.',
                 CASE WHEN n % 4 = 0 THEN jsonb_build_object('invoice', pg_temp.invoice(n * 2), 'expected', 4900, 'found', 4800) ELSE '{}' END,
                 CASE WHEN open THEN 'open' ELSE 'resolved' END, at,
                 CASE WHEN NOT open THEN at + interval '3 hours' END, CASE WHEN NOT open THEN 'admin:ada' END,
                 CASE WHEN NOT open THEN 'dismiss' END, CASE WHEN NOT open THEN 'looked into it' END
          FROM (SELECT n, n > ${questions} - 200 AS open, pg_temp.question_at(n) AS at
                FROM generate_series($1::bigint, $2::bigint) n) AS one ORDER BY n RETURNING *)
        INSERT INTO audit_log (at, actor, action, subject, reason, details)
        SELECT closed_at, 'admin:ada', 'review.dismiss', subject, 'looked into it', jsonb_build_object('item', id)
        FROM item WHERE state <> 'open'`,
    },
  ];
}
