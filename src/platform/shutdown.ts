import type { Log } from './log.ts';

/**
 * Graceful stop: on SIGTERM or SIGINT the parts are closed one after the other; what is not done after `deadlineSeconds`
 * is abandoned, which is safe at any point, and the process ends. A second signal ends it at once.
 */
export function onStop(log: Log, deadlineSeconds: number, close: () => Promise<void>): void {
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info('stopping', { signal });
    const deadline = setTimeout(() => {
      log.warn('stopped with work unfinished: it is taken up again elsewhere', { after_seconds: deadlineSeconds });
      process.exit(0);
    }, deadlineSeconds * 1000);
    close()
      .catch((error: unknown) => log.error('stopping failed', { error }))
      .finally(() => {
        clearTimeout(deadline);
        log.info('stopped');
        process.exit(0);
      });
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
