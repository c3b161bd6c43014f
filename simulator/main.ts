import { Command, InvalidArgumentError } from 'commander';
import { Conformance } from './core/conformance.ts';
import { startSimulator } from './simulator.ts';

const whole = (value: string): number => {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 0) throw new InvalidArgumentError('It must be a whole number.');
  return number;
};

const collect = (value: string, earlier: string[]): string[] => [...earlier, value];

const options = new Command('simulator')
  .description('A small stateful Stripe for demos and tests: /v1, hosted Checkout pages, signed webhooks, faults.')
  .option('--port <port>', 'port to listen on; 0 takes a free one', whole, 0)
  .option('--host <host>', 'address to listen on', '127.0.0.1')
  .option('--key <key>', 'secret API key; repeat it for more accounts', collect, [])
  .option('--webhook-url <url>', 'endpoint that receives every event of the first account')
  .option('--webhook-secret <secret>', 'its signing secret (whsec_…)')
  .option('--webhook-retry-base-ms <ms>', 'pause before the first retry of a webhook; doubles each time', whole, 1000)
  .option('--balance-delay-ms <ms>', 'time until a charge has its balance transaction', whole, 150)
  .option('--settle-delay-ms <ms>', 'simulated time until a bank debit is paid or fails', whole, 3 * 86_400_000)
  .option('--limits', 'limit requests to 25 a second, and 25 a second per endpoint')
  .option('--livemode', 'all keys are live ones')
  .parse()
  .opts<{
    port: number;
    host: string;
    key: string[];
    webhookUrl?: string;
    webhookSecret?: string;
    webhookRetryBaseMs: number;
    balanceDelayMs: number;
    settleDelayMs: number;
    limits?: boolean;
    livemode?: boolean;
  }>();

function say(level: 'info' | 'error', message: string, fields: object = {}): void {
  process.stdout.write(`${JSON.stringify({ level, message, role: 'simulator', ...fields })}\n`);
}

const simulator = await startSimulator({
  port: options.port,
  host: options.host,
  keys: options.key.length === 0 ? ['sk_test_quittance_simulator'] : options.key,
  ...(options.livemode === undefined ? {} : { livemode: options.livemode }),
  settings: {
    limits: options.limits === true ? { perSecond: 25, perEndpoint: 25 } : undefined,
    webhookRetryBaseMs: options.webhookRetryBaseMs,
    balanceDelayMs: options.balanceDelayMs,
    settleDelayMs: options.settleDelayMs,
  },
  conformance: Conformance.fromEnvironment((line) => process.stderr.write(`${line}\n`)),
});

if (options.webhookUrl !== undefined) {
  simulator.world.listen(simulator.world.firstAccount(), options.webhookUrl, options.webhookSecret);
}
say('info', 'ready', { url: simulator.url });

let stopping = false;
const stop = async (signal: NodeJS.Signals): Promise<void> => {
  if (stopping) return;
  stopping = true;
  say('info', 'stopping', { signal });
  await simulator.close();
};
process.on('SIGTERM', (signal) => void stop(signal));
process.on('SIGINT', (signal) => void stop(signal));
