import { isQueueName, QUEUES, type QueueName } from '../jobs/queues.ts';
import { ConfigError } from '../platform/config.ts';
import { sayReady } from '../platform/log.ts';
import { runProcess } from '../platform/run-process.ts';
import { onStop } from '../platform/shutdown.ts';
import { startWorker } from './start-worker.ts';

/** `npm run worker [-- invoicing,maintenance]`: one process that works on the named queues, or on all of them. */
await runProcess('worker', async (config, log) => {
  const queues = queuesAskedFor(process.argv[2]);
  const { url, close } = await startWorker(config, queues, log);
  onStop(log, config.SHUTDOWN_SECONDS, close);
  sayReady({ role: 'worker', queues, ...(url ? { url } : {}) });
});

function queuesAskedFor(argument: string | undefined): QueueName[] {
  if (!argument) return [...QUEUES];
  const names = argument.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !isQueueName(name));
  if (unknown.length > 0) {
    throw new ConfigError(`There is no queue ${unknown.join(', ')}. Queues: ${QUEUES.join(', ')}.`);
  }
  return names.filter(isQueueName);
}
