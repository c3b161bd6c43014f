import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { buildWhenStale } from '../build.ts';
import { freePort } from '../free-port.ts';
import { givenServices, type Services, startServices } from '../private-services.ts';
import { type Program, type Running, runProgram, startProgram } from '../processes.ts';
import { line, phase } from '../progress.ts';
import { type Run, writeWhole } from '../runs.ts';
import { plansPolicy } from './plans.ts';
import { realStripe, type StripeSide, simulatedStripe } from './stripe-side.ts';

/** Everything that the demo started, and how to reach it. */
export type System = {
  services: Services;
  stripe: StripeSide;
  api: Running;
  workers: Running[];
  /** Catches every mail: none leaves this machine. */
  mailCatcher: Running;
  admin: { name: string; password: string };
  /** Of /v1. */
  apiKey: string;
};

const workerCount = 2;

/** Starts the whole, one phase after the other, each with its line. */
export async function startSystem(run: Run): Promise<System> {
  const build = await phase('Build', (say) => buildWhenStale(() => say('waiting for another run that builds')), String);
  if (build === 'built with errors')
    line('! The build has errors (npm run build shows them); the demo goes on with what came out.');
  const services = await startServices(run, { durable: true, given: givenServices() });
  await phase('Migrations', async () => runProgram('dist/db/migrate.js', [], { DATABASE_URL: services.databaseUrl }));
  const admin = { name: 'demo', password: randomBytes(15).toString('base64url') };
  await phase(
    'Admin',
    async () => createAdmin(services, admin),
    () => admin.name,
  );

  // Stripe and the api must each know the other's address before they start, so the api's port is chosen first.
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const webhookUrl = `${publicUrl}/webhooks/stripe`;
  const realKey = process.env.STRIPE_SECRET_KEY;
  const stripe = await phase(
    realKey ? 'Stripe, through stripe listen' : 'Stripe simulator',
    () => (realKey ? realStripe(run, realKey, webhookUrl) : simulatedStripe(run, webhookUrl)),
    ({ apiBase }) => apiBase,
  );
  const mailCatcher = await phase(
    'Mail catcher',
    () => startProgram(run, { name: 'mail-catcher', file: 'dist/simulator/mail-catcher/main.js' }),
    ({ url }) => url,
  );
  const settings = {
    SMTP_URL: /"smtp":"(smtp:[^"]+)"/.exec(mailCatcher.logs())?.[1],
    MAIL_FROM: 'Studio Example <billing@studio.example>',
    OPERATOR_EMAIL: 'office@studio.example',
    BUSINESS_NAME: 'Studio Example',
    BUSINESS_DETAILS: '1 Example Street|12345 Exampletown|VAT DE000000000',
    DATABASE_URL: services.databaseUrl,
    REDIS_URL: services.redisUrl,
    STRIPE_SECRET_KEY: stripe.secretKey,
    STRIPE_API_BASE: stripe.apiBase,
    STRIPE_WEBHOOK_SECRETS: stripe.webhookSecret,
    PUBLIC_URL: publicUrl,
    ...(stripe.simulated ? { POLICY: policyFile(run) } : {}),
  };
  const start = (program: Program) => startProgram(run, program);
  const api = await phase(
    'Api',
    () => start({ name: 'api', file: 'dist/src/api/main.js', env: { ...settings, PORT: String(port) } }),
    ({ url }) => url,
  );
  const workers = await phase(
    `${workerCount} workers`,
    () => {
      const names = Array.from({ length: workerCount }, (_, index) => `worker-${index + 1}`);
      return Promise.all(names.map((name) => start({ name, file: 'dist/src/workers/main.js', env: settings })));
    },
    (started) => started.map(({ pid }) => `process ${pid}`).join(', '),
  );
  return { services, stripe, api, workers, mailCatcher, admin, apiKey: createApiKey(services) };
}

/** The plans that the demo sells are at the simulator; of the real Stripe nobody is asked to sell them. */
function policyFile(run: Run): string {
  const path = join(run.folder, 'policy.json');
  writeWhole(path, JSON.stringify(plansPolicy, null, 2));
  return path;
}

function createApiKey({ databaseUrl }: Services): string {
  const scopes = 'invoices:read,invoices:write,access:read,checkouts:write,subscriptions:write';
  const said = runProgram(
    'dist/src/cli/main.js',
    ['api-key', 'create', `demo-${randomBytes(3).toString('hex')}`, '--scopes', scopes],
    { DATABASE_URL: databaseUrl },
  );
  const key = /qk_[\w-]+/.exec(said)?.[0];
  if (key === undefined) throw new Error('The command made no API key');
  return key;
}

function createAdmin({ databaseUrl }: Services, { name, password }: System['admin']): void {
  runProgram('dist/src/cli/main.js', ['admin', 'create', name], { DATABASE_URL: databaseUrl }, password);
}
