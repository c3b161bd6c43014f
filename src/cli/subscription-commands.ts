import type { Command } from 'commander';
import { type Later, why } from './later.ts';

/** What can be said to `quittance subscriptions`. */
export function addSubscriptionCommands(program: Command, later: Later): void {
  const subscription = program.command('subscriptions').description('subscriptions, as Stripe tells them');
  const json = ['--json', 'as JSON', false] as const;
  const one = ['<id>', 'a subscription (sub_…)'] as const;
  subscription
    .command('list')
    .option('--status <status>', 'how they stand: active, trialing, past_due, canceled or none')
    .option('--search <text>', 'an id (sub_…, cus_…), a reference, or a part of an e-mail address')
    .option('--limit <count>', 'how many at most', '50')
    .option(...json)
    .description('subscriptions, newest first')
    .action(later(async () => (await import('./subscriptions.ts')).list));
  subscription
    .command('show')
    .argument(...one)
    .option(...json)
    .description('a subscription with its items, what it gives, its invoices, questions and events')
    .action(later(async () => (await import('./subscriptions.ts')).show));
  subscription
    .command('sync')
    .argument('<id>', 'a subscription (sub_…), known here or not')
    .requiredOption(...why)
    .description('ask Stripe about a subscription now; what it gives is decided by the answer')
    .action(later(async () => (await import('./subscriptions.ts')).sync));
  subscription
    .command('change')
    .argument('<id>', 'a subscription (sub_…)')
    .option('--plan <name>', 'a plan of the policy')
    .option('--price <price>', 'by lookup key or id; with --plan one of its prices')
    .option('--quantity <count>', 'how many')
    .option('--item <item>', 'si_…: which of several items; without it the only one')
    .option('--remove', 'remove the item', false)
    .option('--add', 'add a further item', false)
    .option('--when <when>', 'now or period_end', 'now')
    .option('--preview', 'only show what it comes to', false)
    .option('--confirm <amount>', 'what is due now, as the preview shows it: change it without asking')
    .option('--json', 'as JSON, in the form of POST /v1/subscriptions/ID/changes', false)
    .option(...why, 'the customer has asked for it')
    .description('change plan, price or quantity: what is due is shown first, and what was shown is charged')
    .action(later(async () => (await import('./change-subscription.ts')).change));
  subscription
    .command('cancel')
    .argument(...one)
    .requiredOption('--when <when>', 'period_end, or now: then it gives nothing more, and no money goes back')
    .option('--invoice-now', 'with --when now: bill what was used and what waits for an invoice', false)
    .requiredOption(...why)
    .option(...json)
    .description('cancel a subscription')
    .action(later(async () => (await import('./manage-subscription.ts')).cancel));
  subscription
    .command('resume')
    .argument(...one)
    .requiredOption(...why)
    .option(...json)
    .description('take back a planned end; let a paused subscription go on, which is invoiced at once')
    .action(later(async () => (await import('./manage-subscription.ts')).resume));
  subscription
    .command('pause')
    .argument(...one)
    .requiredOption('--what <what>', 'collection (it stays active), or subscription (it gives nothing meanwhile)')
    .option('--invoices <become>', 'of a collection: void, keep_as_draft or mark_uncollectible')
    .option('--until <day>', 'of a collection: its last day where the business is, e.g. 2027-01-31')
    .requiredOption(...why)
    .option(...json)
    .description('pause a subscription, or the collection of its invoices')
    .action(later(async () => (await import('./manage-subscription.ts')).pause));
  subscription
    .command('unpause')
    .argument(...one)
    .requiredOption(...why)
    .option(...json)
    .description('end a pause of either kind')
    .action(later(async () => (await import('./manage-subscription.ts')).unpause));
  subscription
    .command('portal')
    .argument(...one)
    .option('--return-url <url>', 'where the page leads back to')
    .requiredOption(...why)
    .option(...json)
    .description('an address of Stripe’s page for its customer; it ends soon, and whoever has it can change and cancel')
    .action(later(async () => (await import('./manage-subscription.ts')).portal));
  subscription
    .command('invoices')
    .argument('<reference>', 'who it is in the application')
    .option('--limit <count>', 'how many at most', '50')
    .option(...json)
    .description('what somebody was invoiced for his subscriptions, newest first')
    .action(later(async () => (await import('./money-of-reference.ts')).invoices));
  subscription
    .command('payments')
    .argument('<reference>', 'who it is in the application')
    .option('--limit <count>', 'how many at most', '50')
    .option(...json)
    .description('what somebody has paid, for subscriptions and for what he bought, newest first')
    .action(later(async () => (await import('./money-of-reference.ts')).payments));
}
