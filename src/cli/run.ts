import { Command, CommanderError } from 'commander';
import { API_SCOPES } from '../billing/people/api-scopes.ts';
import { QUEUES } from '../jobs/queues.ts';
import { OUTGOING_TYPES } from '../messages/outgoing-types.ts';
import { ConfigError } from '../platform/config.ts';
import { printable } from '../platform/text.ts';
import { type Later, type Run, why } from './later.ts';
import { addRecoveryCommands } from './recovery-commands.ts';
import { addSubscriptionCommands } from './subscription-commands.ts';
import type { Terminal } from './terminal.ts';

/** What an operator does from a shell. One file per command. @returns the exit code */
export async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  let code = 0;

  function later<Words extends unknown[]>(load: () => Promise<Run<Words>>) {
    return async (...given: Words): Promise<void> => {
      const command = await load();
      const answer = await command(terminal, ...given);
      if (typeof answer === 'number') code = answer;
    };
  }

  try {
    await commands(later, terminal).parseAsync(words, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode; // it has been told
    // Only now: what it reads would make --help wait.
    const [{ told }, { messageOf }] = await Promise.all([import('../billing/told.ts'), import('../platform/log.ts')]);
    terminal.stderr.write(`${printable(told(error)?.message ?? messageOf(error))}
`);
    return error instanceof ConfigError ? 2 : 1;
  }
}

function commands(later: Later, { stdout, stderr }: Terminal): Command {
  const program = new Command('quittance')
    .description('Turns each payment event of a Stripe account into the right record, exactly once.')
    .exitOverride()
    .configureOutput({ writeOut: (text) => void stdout.write(text), writeErr: (text) => void stderr.write(text) })
    .showHelpAfterError();

  const admin = program.command('admin').description('who may sign in to the console');
  admin
    .command('create')
    .argument('<name>', 'a word, or an e-mail address')
    .option('--role <role>', 'operator (may change things) or viewer', 'operator')
    .option('--even-the-last', 'also when the last operator becomes a viewer', false)
    .description('create an admin, or give one a new password; the password is read from standard input')
    .action(later(async () => (await import('./admin.ts')).createAdmin));
  admin
    .command('list')
    .description('who may sign in, and who is signed in')
    .action(later(async () => (await import('./admin.ts')).list));
  admin
    .command('disable')
    .argument('<name>', 'name of the admin')
    .requiredOption(...why)
    .option('--even-the-last', 'also when it is the last operator', false)
    .description('sign somebody out everywhere, and let him in no more')
    .action(later(async () => (await import('./admin.ts')).disable));
  admin
    .command('enable')
    .argument('<name>', 'name of the admin')
    .option(...why, 'needs it again')
    .description('let somebody in again, with the password of before')
    .action(later(async () => (await import('./admin.ts')).enable));

  program
    .command('trace')
    .argument('<id>', 'a payment intent (pi_…), event (evt_…), refund (re_…) or dispute (du_…)')
    .description(
      'everything that is known of a payment: its documents, what was taken back, its events and open questions',
    )
    .action(later(async () => (await import('./trace.ts')).trace));

  program
    .command('reconsider')
    .argument('<payment...>', 'payment intents (pi_…) that were skipped or parked for review')
    .requiredOption(...why)
    .description('decide anew about payments, now')
    .action(later(async () => (await import('./reconsider.ts')).reconsider));

  const review = program.command('review').description('questions that wait for a person');
  review
    .command('list')
    .description('the open questions, oldest first, with what can be decided')
    .action(later(async () => (await import('./review.ts')).listReviews));
  review
    .command('decide')
    .argument('<item>', 'number of the review item')
    .argument('<choice>', 'one of the choices that review list shows')
    .option('--given <text>', 'what the choice asks for, e.g. a reference')
    .requiredOption(...why)
    .description('decide a question; what was chosen is done at once')
    .action(later(async () => (await import('./review.ts')).decide));

  const invoice = program.command('invoice').description('own invoices, which customers pay by card');
  invoice
    .command('create')
    .requiredOption('--file <file>', 'JSON with the fields of POST /v1/invoices; - reads standard input')
    .option('--issue', 'give it its number at once', false)
    .option('--mail', 'send the customer the link', false)
    .description('create an invoice')
    .action(later(async () => (await import('./invoice.ts')).createFromFile));
  invoice
    .command('issue')
    .argument('<id>', 'an invoice (inv_…)')
    .option('--mail', 'send the customer the link', false)
    .description('give a draft its number; from then on it can be paid, and not be changed')
    .action(later(async () => (await import('./invoice.ts')).issue));
  invoice
    .command('void')
    .argument('<id>', 'an invoice (inv_…)')
    .requiredOption(...why)
    .description('void an invoice that is not paid; its payment page is closed')
    .action(later(async () => (await import('./invoice.ts')).markVoid));
  invoice
    .command('show')
    .argument('<id>', 'an invoice (inv_…)')
    .description('an invoice with its link and its payment log')
    .action(later(async () => (await import('./invoice.ts')).show));
  invoice
    .command('list')
    .option('--status <status>', 'draft, issued, paid, void or overdue')
    .option('--search <text>', 'part of a number, a name or an e-mail address')
    .option('--limit <count>', 'how many at most', '50')
    .description('invoices, newest first')
    .action(later(async () => (await import('./invoice.ts')).list));

  const access = program.command('access').description('who may use what, by the reference of the application');
  access
    .command('show')
    .argument('<reference>', 'who it is in the application')
    .option('--json', 'as JSON, in the form of GET /v1/customers/REFERENCE/access with all grants', false)
    .description('what somebody may use, from what, until when; and what he could use before')
    .action(later(async () => (await import('./access.ts')).show));
  access
    .command('grant')
    .argument('<reference>', 'who it is in the application')
    .argument('<feature>', 'name of a feature, e.g. course-a')
    .option('--until <day>', 'its last day where the business is, e.g. 2027-12-31; without one it has no end')
    .requiredOption(...why)
    .description('give something by hand')
    .action(later(async () => (await import('./access.ts')).grant));
  access
    .command('end')
    .argument('<cause>', 'hand:NUMBER, payment:pi_… or subscription:sub_…, as access show tells it')
    .requiredOption(...why)
    .description('take away all that a cause gives')
    .action(later(async () => (await import('./access.ts')).end));
  access
    .command('token-key')
    .description('make a key that access tokens are signed with (ACCESS_TOKEN_KEYS)')
    .action(later(async () => (await import('./token-key.ts')).tokenKey));

  addSubscriptionCommands(program, later);

  const checkouts = program.command('checkouts').description('checkouts at Stripe, whoever has opened them');
  checkouts
    .command('stats')
    .option('--months <count>', 'how many months at most', '12')
    .option('--json', 'as JSON', false)
    .description('how many succeed and how many are completed, by month, and why they fail')
    .action(later(async () => (await import('./checkouts.ts')).stats));
  checkouts
    .command('list')
    .option('--outcome <outcome>', 'failed, pending, open, succeeded, abandoned or left_out')
    .option('--limit <count>', 'how many at most', '50')
    .option('--json', 'as JSON', false)
    .description('checkouts with what became of each, newest first')
    .action(later(async () => (await import('./checkouts.ts')).list));

  addRecoveryCommands(program, later);

  const apiKey = program.command('api-key').description('which programs may call /v1');
  apiKey
    .command('create')
    .argument('<name>', 'what it is for: lower-case letters, digits and . _ -')
    .requiredOption('--scopes <list>', `comma separated: ${API_SCOPES.join(', ')}`)
    .option('--expires <day>', 'the last day on which it counts (UTC), e.g. 2027-01-31; without one it never ends')
    .description('make a key; it is printed once')
    .action(later(async () => (await import('./api-key.ts')).createKey));
  apiKey
    .command('list')
    .description('the keys, when they were used last, and when they end')
    .action(later(async () => (await import('./api-key.ts')).listKeys));
  apiKey
    .command('revoke')
    .argument('<name>', 'name of the key')
    .option(...why, 'not needed any more')
    .description('refuse a key from now on')
    .action(later(async () => (await import('./api-key.ts')).revokeKey));

  const webhook = program.command('webhook').description('own systems that are told what happens');
  webhook
    .command('add')
    .argument('<url>', 'an https address that takes POST')
    .option('--types <list>', `comma separated: ${OUTGOING_TYPES.join(', ')}; without it all`, '')
    .description('tell a system of events; the signing secret is printed once')
    .action(later(async () => (await import('./webhook.ts')).addWebhook));
  webhook
    .command('list')
    .description('the systems that are told')
    .action(later(async () => (await import('./webhook.ts')).listWebhooks));
  webhook
    .command('remove')
    .argument('<url>')
    .option(...why, 'not needed any more')
    .description('tell a system nothing any more')
    .action(later(async () => (await import('./webhook.ts')).removeWebhook));
  webhook
    .command('enable')
    .argument('<url>')
    .option(...why, 'it takes events again')
    .description('tell a system again that was disabled because it answered 410')
    .action(later(async () => (await import('./webhook.ts')).enableWebhook));

  program
    .command('policy')
    .argument('[file]', 'a policy file; without one what the environment names')
    .description('what the business wants: the policy with all that its file leaves out, or what is wrong with it')
    .action(later(async () => (await import('./policy.ts')).showPolicy));

  const queue = program.command('queue').description('the job queues');
  queue
    .command('list')
    .description('the queues with their jobs, and which of them somebody has paused or throttled')
    .action(later(async () => (await import('./queue.ts')).list));
  queue
    .command('resume')
    .argument('<queue>', `one of ${QUEUES.join(', ')}`)
    .option(...why, 'it was held by mistake')
    .description('let a queue go on that was paused or throttled')
    .action(later(async () => (await import('./queue.ts')).resume));

  const message = program.command('messages').description('mails and events that went out, or did not');
  message
    .command('list')
    .option('--state <state>', 'pending, sent, dead or skipped')
    .option('--limit <count>', 'how many at most', '50')
    .description('messages with their tries, newest first')
    .action(later(async () => (await import('./messages.ts')).list));
  message
    .command('replay')
    .argument('<id...>', 'messages (messages list shows their ids)')
    .requiredOption(...why)
    .description('send messages once more, with the same id and content')
    .action(later(async () => (await import('./messages.ts')).replay));

  const events = program.command('events').description('stored events of Stripe');
  events
    .command('reopen')
    .requiredOption('--type <type>', 'an event type of Stripe that this release listens to')
    .option('--since <date>', 'only those received since this day of the business, e.g. 2026-01-01')
    .option(...why, 'this release listens to them')
    .option('--dry-run', 'only count them', false)
    .description('give events back to the workers that were stored before anybody listened to their type')
    .action(later(async () => (await import('./events.ts')).reopenEvents));

  program
    .command('agree')
    .requiredOption('--dependent <name>', 'what is derived: access, tell_customer or tell_systems')
    .option('--since <date>', 'only records of this day of the business or later, e.g. 2026-01-01')
    .option('--tell', 'queue older messages that were never queued, e.g. for a system that is told only now', false)
    .option('--yes', 'with --tell: queue them without asking', false)
    .option(...why, 'they were not told')
    .description(
      'bring what is derived from records into agreement with them, over everything; nobody is told unless asked for',
    )
    .action(later(async () => (await import('./agree.ts')).agree));

  program
    .command('backfill')
    .requiredOption('--since <date>', 'first day of the business, e.g. 2026-01-01')
    .option('--dry-run', 'only list what would be created', false)
    .description(
      'bring what Stripe lists since a day, and what is open here, into agreement through the use cases of the events',
    )
    .action(later(async () => (await import('./backfill.ts')).backfill));

  return program;
}
