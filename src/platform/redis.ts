import { Redis } from 'ioredis';
import { type Log, messageOf } from './log.ts';

/**
 * Two temperaments of Redis connection. A *signal* connection must never make its caller wait: with Redis gone a command
 * fails at once, with Redis hanging it fails in half a second. A *worker* connection waits for ever and comes back by itself.
 */
export function signalConnection(url: string, log: Log): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 500,
    connectTimeout: 2_000,
    retryStrategy: (attempt) => Math.min(100 * attempt, 2_000),
  });
  return reporting(redis, log);
}

export function workerConnection(url: string, log: Log): Redis {
  return reporting(
    new Redis(url, { maxRetriesPerRequest: null, retryStrategy: (attempt) => Math.min(100 * attempt, 2_000) }),
    log,
  );
}

/** One line when the connection is lost and one when it is back, not one per attempt. */
function reporting(redis: Redis, log: Log): Redis {
  let lost = false;
  redis.on('error', (error: Error) => {
    if (!lost) log.warn('redis connection lost', { error: messageOf(error) });
    lost = true;
  });
  redis.on('ready', () => {
    if (lost) log.info('redis connection is back');
    lost = false;
  });
  return redis;
}
