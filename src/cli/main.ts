import { Command } from 'commander';
import { ConfigError } from '../platform/config.ts';
import { createAdmin } from './admin-create.ts';
import { backfill } from './backfill.ts';
import { reconsider } from './reconsider.ts';
import { decide, listReviews } from './review.ts';
import { trace } from './trace.ts';

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
