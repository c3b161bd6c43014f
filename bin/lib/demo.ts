import { join } from 'node:path';
import { localFolder } from './checkout.ts';
import { explain } from './complaint.ts';
import { type System, startSystem } from './demo/system.ts';
import { type Walk, walk } from './demo/walk.ts';
import { line, seconds } from './progress.ts';
import { createRun, endAbandonedTestRuns, endRun, type Run, writeWhole } from './runs.ts';

const usage = `Usage: bin/demo [--exit]

  Starts a private Postgres and Redis, a Stripe simulator, a mail catcher, the api and two workers; walks one purchase
  to its paid invoice, two refunds and a chargeback to their credit notes, an own invoice to its payment and receipt, and a
  subscription through upgrade, failed renewal and end, in the time of a test clock; leaves everything running and prints the links (bin/services stop ends it). With STRIPE_SECRET_KEY=sk_test_…
  the real Stripe is used; with DATABASE_URL or REDIS_URL those stores.

  --exit   stops everything at the end; exit code 0 when the outcome is right, else 1
`;

const began = performance.now();

/** For scripts that drive what the demo started. */
function describe(
  { services, stripe, api, workers, mailCatcher, admin, apiKey }: System,
  run: Run,
  { checkoutUrl, openInvoice }: Walk,
): object {
  return {
    api: api.url,
    console: `${api.url}/console`,
    bull_board: `${api.url}/console/queues`,
    api_docs: `${api.url}/v1/docs`,
    health: `${api.url}/readyz`,
    simulator: stripe.simulated ? stripe.apiBase : null,
    checkout: checkoutUrl,
    invoice_to_pay: openInvoice.url,
    mail_catcher: mailCatcher.url,
    api_key: apiKey,
    webhook_endpoint: `${api.url}/webhooks/stripe`,
    webhook_secret: stripe.webhookSecret,
    stripe_secret_key: stripe.secretKey,
    stripe_api_base: stripe.apiBase,
    database_url: services.databaseUrl,
    redis_url: services.redisUrl,
    admin,
    api_pid: api.pid,
    worker_pids: workers.map(({ pid }) => pid),
    logs: join(run.folder, 'logs'),
  };
}

function links({ api, stripe, mailCatcher, admin }: System, { checkoutUrl, paidInvoice, openInvoice }: Walk): string {
  const rows = [
    ['Pay this invoice', openInvoice.url],
    ['Mails that were sent', mailCatcher.url],
    ['Console', `${api.url}/console   (${admin.name} / ${admin.password})`],
    ...(paidInvoice ? [['The paid invoice', `${api.url}/console/invoices/${paidInvoice.id}`]] : []),
    ['Buy a course by hand', checkoutUrl],
    ['Queues (Bull Board)', `${api.url}/console/queues`],
    ['Try the API', `${api.url}/v1/docs`],
    ['Health', `${api.url}/readyz`],
    ...(stripe.simulated ? [['Simulator', `${stripe.apiBase}/_sim`]] : []),
    ['For scripts', join(localFolder, 'demo.json')],
    ['To stop it all', 'bin/services stop'],
  ];
  return rows.map(([what, where]) => `  ${what?.padEnd(22)} ${where}`).join('\n');
}

async function main(run: Run, leave: boolean): Promise<number> {
  const system = await startSystem(run);
  const walked = await walk(system);
  if (!leave) {
    writeWhole(join(localFolder, 'demo.json'), `${JSON.stringify(describe(system, run, walked), null, 2)}\n`);
    line(`Everything stays up:\n\n${links(system, walked)}\n`);
  }
  for (const reason of walked.wrong) line(`✗ ${reason}`);
  const verdict =
    walked.wrong.length === 0 ? '✓ Every payment has its documents, each once' : '✗ The outcome is not right';
  process.stdout.write(`${verdict} (${seconds(began)})\n`);
  return walked.wrong.length === 0 ? 0 : 1;
}

const words = process.argv.slice(2);
if (words.some((word) => word !== '--exit')) {
  process.stderr.write(usage);
  process.exit(words.includes('--help') ? 0 : 2);
}
const leave = words.includes('--exit');

await endAbandonedTestRuns();
const run = createRun('demo');
let interrupted = false;
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.once(signal, () => {
    interrupted = true;
    line(`\n${signal}: stopping what was started`);
    void endRun(run).finally(() => process.exit(code));
  });
}

let code: number;
try {
  code = await main(run, leave);
  if (leave) await endRun(run);
} catch (error) {
  if (interrupted) await new Promise(() => {}); // the signal's own end exits
  line(explain(error));
  await endRun(run);
  code = 1;
}
process.exit(code);
