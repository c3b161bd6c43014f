import { gate } from './app.ts';

/** `node examples/express-gate/main.ts`; README.md says with which settings. */
const { env } = process;
const port = Number(env.APP_PORT ?? 4000);

gate({
  quittance: env.QUITTANCE_URL ?? 'http://127.0.0.1:3000',
  key: env.QUITTANCE_KEY ?? '',
  webhookSecret: env.QUITTANCE_WEBHOOK_SECRET ?? '',
  self: `http://127.0.0.1:${port}`,
}).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/pro?user=user-1`));
