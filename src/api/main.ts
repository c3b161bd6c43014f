import { loadConfig } from '../platform/config.ts';
import { createLog, sayReady } from '../platform/log.ts';
import { runProcess } from '../platform/run-process.ts';
import { onStop } from '../platform/shutdown.ts';
import { startApi } from './start-api.ts';

/** `npm run api` */
await runProcess(async () => {
  const config = loadConfig();
  const log = createLog(config.LOG_LEVEL, { role: 'api' });
  const { url, close } = await startApi(config, log);
  onStop(log, config.SHUTDOWN_SECONDS, close);
  sayReady({ role: 'api', url });
});
