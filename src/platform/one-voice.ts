import { format } from 'node:util';
import { type Log, lineOf, messageOf } from './log.ts';

/**
 * Whatever a process writes is a line of its log: what libraries print, Node's warnings, and the error that ends it. Else
 * each of them would bypass the redaction.
 */
export function speakThroughLog(log: Log, fields: Readonly<Record<string, unknown>>): void {
  const say = (level: 'error' | 'warn' | 'info' | 'debug') => {
    return (...words: unknown[]): void => void log[level]('a library says', { text: format(...words) });
  };
  Object.assign(console, {
    error: say('error'),
    trace: say('error'),
    warn: say('warn'),
    log: say('info'),
    info: say('info'),
    debug: say('debug'),
  });
  // Node's own listener prints them as they are.
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => log.warn('warning of Node', { warning: name, text: message }));
  // Rejections that nobody handles come here, too.
  process.on('uncaughtException', (error: unknown, origin) => {
    // Nobody knows what state the process is in. What it was at is taken up again elsewhere.
    const stack = error instanceof Error ? error.stack : undefined;
    const line = lineOf('error', 'an error that nobody handles ends this process', {
      ...fields,
      origin,
      error: messageOf(error),
      ...(stack === undefined ? {} : { stack }),
    });
    setTimeout(() => process.exit(1), LAST_WORDS_MS).unref();
    process.stdout.write(line, () => process.exit(1));
  });
}

/** For a reader of our output that does not read. */
const LAST_WORDS_MS = 1_000;
