import type { Command } from 'commander';
import { type Later, why } from './later.ts';

/** What can be said to `quittance recovery`. */
export function addRecoveryCommands(program: Command, later: Later): void {
  const recovery = program
    .command('recovery')
    .description('failed payments of subscriptions, and what is done about them');
  recovery
    .command('list')
    .option('--state <state>', 'open, recovered, ended or all', 'open')
    .option('--search <text>', 'an id (in_…, sub_…, cus_…), an invoice number, or a part of an e-mail address')
    .option('--limit <count>', 'how many at most', '50')
    .option('--json', 'as JSON', false)
    .description('failed payments, newest first, with what comes next')
    .action(later(async () => (await import('./recovery.ts')).list));
  recovery
    .command('show')
    .argument('<invoice>', 'an invoice of Stripe (in_…)')
    .option('--json', 'as JSON', false)
    .description('a failed payment with all that has happened to it, and what comes next')
    .action(later(async () => (await import('./recovery.ts')).show));
  recovery
    .command('figures')
    .option('--class <class>', 'only of one class of declines, e.g. money')
    .option('--json', 'as JSON', false)
    .description('what became of failed payments, month by month')
    .action(later(async () => (await import('./recovery.ts')).figures));
  recovery
    .command('try')
    .argument('<invoice>', 'an invoice of Stripe (in_…)')
    .requiredOption(...why)
    .description('try the card now, if its bank and network allow it')
    .action(later(async () => (await import('./recovery.ts')).attempt));
  recovery
    .command('stop')
    .argument('<invoice>', 'an invoice of Stripe (in_…)')
    .requiredOption(...why)
    .description('write no more letters about a failed payment')
    .action(later(async () => (await import('./recovery.ts')).stop));
  recovery
    .command('resume')
    .argument('<invoice>', 'an invoice of Stripe (in_…)')
    .requiredOption(...why)
    .description('write letters about it again')
    .action(later(async () => (await import('./recovery.ts')).resume));
  recovery
    .command('unsubscribe')
    .argument('<customer>', 'a customer of Stripe (cus_…)')
    .requiredOption(...why)
    .description('write a customer no letters about failed payments, now and later')
    .action(later(async () => (await import('./recovery.ts')).unsubscribe));
  recovery
    .command('resubscribe')
    .argument('<customer>', 'a customer of Stripe (cus_…)')
    .requiredOption(...why)
    .description('write to him again')
    .action(later(async () => (await import('./recovery.ts')).resubscribe));
  recovery
    .command('settings')
    .option('--json', 'as JSON', false)
    .description('what has to be so in the Dashboard of Stripe, and who has looked when')
    .action(later(async () => (await import('./recovery-settings.ts')).settings));
  recovery
    .command('confirm-stripe-settings')
    .argument('[setting...]', 'which; without one all that matter')
    .requiredOption(...why)
    .description('note that you have looked in the Dashboard, and that it is so; asked again after 90 days')
    .action(later(async () => (await import('./recovery-settings.ts')).confirm));
}
