import { Command } from 'commander';
import { API_SCOPES } from '../billing/api-keys.ts';
import { OUTGOING_TYPES } from '../messages/outbox.ts';
import { ConfigError } from '../platform/config.ts';
import { createAdmin } from './admin-create.ts';
import { createKey, listKeys, revokeKey } from './api-key.ts';
import { backfill } from './backfill.ts';
import * as invoices from './invoice.ts';
import * as messages from './messages.ts';
import { reconsider } from './reconsider.ts';
import { decide, listReviews } from './review.ts';
import { trace } from './trace.ts';
import { addWebhook, enableWebhook, listWebhooks, removeWebhook } from './webhook.ts';

/** `npm run quittance -- COMMAND`: what an operator does from a shell. One file per command. */
const program = new Command('quittance')
  .description('Turns each payment event of a Stripe account into the right record, exactly once.')
  .showHelpAfterError();

const admin = program.command('admin').description('who may sign in to the console');
admin
  .command('create')
  .argument('<name>', 'lower-case letters, digits and . _ @ -')
  .option('--role <role>', 'operator (may change things) or viewer', 'operator')
  .description('create an admin, or give one a new password; the password is read from standard input')
  .action(createAdmin);

program
  .command('trace')
  .argument('<id>', 'a payment intent (pi_…), event (evt_…), refund (re_…) or dispute (du_…)')
  .description(
    'everything that is known of a payment: its documents, what was taken back, its events and open questions',
  )
  .action(trace);

program
  .command('reconsider')
  .argument('<payment...>', 'payment intents (pi_…) that were skipped or parked for review')
  .requiredOption('--reason <text>', 'why; it is kept in the audit log')
  .description('decide anew about payments, now')
  .action(reconsider);

const review = program.command('review').description('questions that wait for a person');
review.command('list').description('the open questions, oldest first, with what can be decided').action(listReviews);
review
  .command('decide')
  .argument('<item>', 'number of the review item')
  .argument('<choice>', 'one of the choices that review list shows')
  .requiredOption('--reason <text>', 'why; it is kept in the audit log')
  .description('decide a question; what was chosen is done at once')
  .action(decide);

const invoice = program.command('invoice').description('own invoices, which customers pay by card');
invoice
  .command('create')
  .requiredOption('--file <file>', 'JSON with the fields of POST /v1/invoices; - reads standard input')
  .option('--issue', 'give it its number at once', false)
  .option('--mail', 'send the customer the link', false)
  .description('create an invoice')
  .action(invoices.createFromFile);
invoice
  .command('issue')
  .argument('<id>', 'an invoice (inv_…)')
  .option('--mail', 'send the customer the link', false)
  .description('give a draft its number; from then on it can be paid, and not be changed')
  .action(invoices.issue);
invoice
  .command('void')
  .argument('<id>', 'an invoice (inv_…)')
  .requiredOption('--reason <text>', 'why; it is kept in the audit log')
  .description('void an invoice that is not paid; its payment page is closed')
  .action(invoices.markVoid);
invoice
  .command('show')
  .argument('<id>', 'an invoice (inv_…)')
  .description('an invoice with its link and its payment log')
  .action(invoices.show);
invoice
  .command('list')
  .option('--status <status>', 'draft, issued, paid, void or overdue')
  .option('--search <text>', 'part of a number, a name or an e-mail address')
  .option('--limit <count>', 'how many at most', '50')
  .description('invoices, newest first')
  .action(invoices.list);

const apiKey = program.command('api-key').description('which programs may call /v1');
apiKey
  .command('create')
  .argument('<name>', 'what it is for: lower-case letters, digits and . _ -')
  .requiredOption('--scopes <list>', `comma separated: ${API_SCOPES.join(', ')}`)
  .description('make a key; it is printed once')
  .action(createKey);
apiKey.command('list').description('the keys, and when they were used last').action(listKeys);
apiKey
  .command('revoke')
  .argument('<name>', 'name of the key')
  .option('--reason <text>', 'why; it is kept in the audit log', 'not needed any more')
  .description('refuse a key from now on')
  .action(revokeKey);

const webhook = program.command('webhook').description('own systems that are told what happens');
webhook
  .command('add')
  .argument('<url>', 'an https address that takes POST')
  .option('--types <list>', `comma separated: ${OUTGOING_TYPES.join(', ')}; without it all`, '')
  .description('tell a system of events; the signing secret is printed once')
  .action(addWebhook);
webhook.command('list').description('the systems that are told').action(listWebhooks);
webhook
  .command('remove')
  .argument('<url>')
  .option('--reason <text>', 'why; it is kept in the audit log', 'not needed any more')
  .description('tell a system nothing any more')
  .action(removeWebhook);
webhook
  .command('enable')
  .argument('<url>')
  .option('--reason <text>', 'why; it is kept in the audit log', 'it takes events again')
  .description('tell a system again that was disabled because it answered 410')
  .action(enableWebhook);

const message = program.command('messages').description('mails and events that went out, or did not');
message
  .command('list')
  .option('--state <state>', 'pending, sent, dead or skipped')
  .option('--limit <count>', 'how many at most', '50')
  .description('messages with their tries, newest first')
  .action(messages.list);
message
  .command('replay')
  .argument('<id...>', 'messages (messages list shows their ids)')
  .requiredOption('--reason <text>', 'why; it is kept in the audit log')
  .description('send messages once more, with the same id and content')
  .action(messages.replay);

program
  .command('backfill')
  .requiredOption('--since <date>', 'first day, e.g. 2026-01-01 (UTC)')
  .option('--dry-run', 'only list what would be created', false)
  .description('walk past payments, refunds and disputes at Stripe through the same use cases as the events')
  .action(backfill);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
