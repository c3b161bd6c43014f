import type { Redis, Result } from 'ioredis';

/**
 * Adds the jobs of many events in one script. BullMQ's own `addBulk` runs one script per job, each of which unpacks its
 * arguments and builds its functions anew: it costs three times as much on either side (docs/decisions/0016). What stays
 * behind in Redis is what `Queue.add` of the pinned version leaves, and a test holds the one against the other: job hash,
 * counter, list, marker and events; an id that is there already, in any state, is left alone; a queue that is paused or full
 * wakes nobody. One field is left out: the options do not repeat the id, which BullMQ reads there only while it adds a job.
 * So no value is longer than 64 bytes, and Redis keeps the job packed (hash-max-listpack-value): half the memory.
 *
 * KEYS wait, meta, id, active, events, marker
 * ARGV key prefix of the queue, timestamp (milliseconds), options of every job (JSON), then id and name of each job
 */
const script = `
local call = redis.call
local wait, meta, counter, active, events, marker = unpack(KEYS)
local prefix, timestamp, options = ARGV[1], ARGV[2], ARGV[3]

local longest = call('HGET', meta, 'opts.maxLenEvents')
if not longest then
  longest = 10000
  call('HSET', meta, 'opts.maxLenEvents', longest)
end

local added = {}
for at = 4, #ARGV, 2 do
  local id, name = ARGV[at], ARGV[at + 1]
  local key = prefix .. id
  if call('EXISTS', key) == 1 then
    call('XADD', events, 'MAXLEN', '~', longest, '*', 'event', 'duplicated', 'jobId', id)
  else
    call('HSET', key, 'name', name, 'data', '{"eventId":"' .. id .. '"}', 'opts', options,
      'timestamp', timestamp, 'delay', 0, 'priority', 0)
    call('XADD', events, '*', 'event', 'added', 'jobId', id, 'name', name)
    call('XADD', events, 'MAXLEN', '~', longest, '*', 'event', 'waiting', 'jobId', id)
    added[#added + 1] = id
  end
end
call('INCRBY', counter, (#ARGV - 3) / 2)

if #added > 0 then
  call('LPUSH', wait, unpack(added))
  local state = call('HMGET', meta, 'paused', 'concurrency')
  local full = state[2] and call('LLEN', active) >= tonumber(state[2])
  if not state[1] and not full then call('ZADD', marker, 0, '0') end
end
return #added`;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    quittanceAddJobs(...keysAndArguments: (string | number)[]): Result<number, Context>;
  }
}

/** Jobs of one call at the most: Lua unpacks them onto its stack. */
export const MOST_PER_SCRIPT = 1_000;

/** @returns adds jobs to a queue whose keys begin with `prefix` (`quittance:invoicing:`), and says how many were new */
export function jobAdder(
  redis: Redis,
  options: string,
): (prefix: string, jobs: readonly { readonly id: string; readonly type: string }[]) => Promise<number> {
  redis.defineCommand('quittanceAddJobs', { numberOfKeys: 6, lua: script });
  return (prefix, jobs) => {
    const keys = ['wait', 'meta', 'id', 'active', 'events', 'marker'].map((name) => prefix + name);
    const words: (string | number)[] = [...keys, prefix, Date.now(), options];
    for (const { id, type } of jobs) words.push(id, type);
    return redis.quittanceAddJobs(...words);
  };
}
