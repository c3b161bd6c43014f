import { sayReady } from '../platform/log.ts';
import { runProcess } from '../platform/run-process.ts';
import { onStop } from '../platform/shutdown.ts';
import { startApi } from './start-api.ts';

/** `npm run api` */
await runProcess('api', async (config, log) => {
  const { url, close } = await startApi(config, log);
  onStop(log, config.SHUTDOWN_SECONDS, close);
  sayReady({ role: 'api', url });
});
