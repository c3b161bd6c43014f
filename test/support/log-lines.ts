import { Writable } from 'node:stream';
import winston from 'winston';
import { createLog, type Log } from '../../src/platform/log.ts';

/** What a log writes, line by line. */
export function linesOf(write: (log: Log) => void, level = 'info'): string[] {
  const written: string[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      written.push(String(chunk));
      done();
    },
  });
  write(createLog(level, { role: 'worker' }, new winston.transports.Stream({ stream })));
  return written;
}
