import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { checkout, cleanEnvironment } from '../../bin/lib/checkout.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { until } from '../support/eventually.ts';
import { expectOneInvoiceEach, untilEventsDone, untilSettled } from '../support/one-invoice.ts';
import { eventRecords } from '../support/records.ts';
import { startStory } from '../support/story.ts';

/** The official Stripe CLI makes payments of its own kind, with an API version and parameters that nobody here has chosen. */
const { side, records } = await startStory();
const home = mkdtempSync(join(tmpdir(), 'stripe-cli-'));
releaseAfterFile(async () => rmSync(home, { recursive: true }));

async function trigger(event: string): Promise<void> {
  const { stdout } = await promisify(execFile)(
    join(checkout, 'node_modules/@stripe/cli-linux-x64/bin/stripe'),
    ['trigger', event, '--api-base', side.url, '--api-key', side.key],
    { env: cleanEnvironment({ HOME: home, XDG_CONFIG_HOME: home, STRIPE_CLI_TELEMETRY_OPTOUT: '1' }) },
  );
  expect(stdout).toContain('Trigger succeeded');
}

const payments: string[] = [];

test.each(['payment_intent.succeeded', 'checkout.session.completed', 'charge.succeeded'])(
  'stripe trigger %s ends in one paid invoice',
  async (type) => {
    await trigger(type);
    const payment = await until(async () => {
      const rows = await records.rows<{ payment_intent: string }>('select payment_intent from payments');
      return rows.map(({ payment_intent: id }) => id).find((id) => !payments.includes(id));
    });
    payments.push(payment);
    await untilSettled(records, [payment]);
    await untilEventsDone(records);
    expect((await eventRecords(records)).find((event) => event.type === type)).toMatchObject({ outcome: 'processed' });
    await expectOneInvoiceEach(side, records, payments);
  },
);
