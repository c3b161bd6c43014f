import { Redis } from 'ioredis';
import { type Log, messageOf } from './log.ts';

/**
 * Three temperaments of Redis connection. A *signal* connection must never make its caller wait: with Redis gone a command
 * fails at once, with Redis hanging it fails in half a second. A *counting* connection fails as well, but not because this
 * process was busy for a moment: what it counts would go uncounted. A *worker* connection waits for ever and comes back by itself.
 */
export function signalConnection(url: string, log: Log): Redis {
  return failing(url, 500, log);
}

export function countingConnection(url: string, log: Log): Redis {
  return failing(url, 5_000, log);
}

/** The time counts from the command, not from when its answer could have been read. */
function failing(url: string, commandTimeout: number, log: Log): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout,
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
