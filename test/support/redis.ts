import { Redis } from 'ioredis';
import { releaseAfterFile } from './clean-up.ts';
import { settingOf } from './run.ts';

export type TestRedis = { url: string; flush(): Promise<void>; release(): Promise<void> };

const counter = 'quittance:test:claimed';
const returned = 'quittance:test:returned';

/** An empty Redis database of its own (SELECT number), on the server of this run. Returned after the test file at the latest. */
export async function freshRedis(): Promise<TestRedis> {
  const number = await asAdmin(claim);
  const url = new URL(settingOf('TEST_REDIS_URL'));
  url.pathname = `/${number}`;
  const flush = () => asAdmin((admin) => flushDatabase(admin, number));
  let held = true;
  const release = async () => {
    if (!held) return;
    held = false;
    await flush();
    await asAdmin((admin) => admin.rpush(returned, number));
  };
  releaseAfterFile(release);
  return { url: url.href, flush, release };
}

/** A number that no test has, and whose database is empty: on a server that was given to us, nothing of others is touched. */
async function claim(admin: Redis): Promise<number> {
  const [, databases] = await admin.config('GET', 'databases').then(Object.values<unknown>);
  const last = Number(databases ?? 16) - 1;
  for (;;) {
    const next = await admin.incr(counter);
    const number = next <= last ? next : Number(await admin.lpop(returned));
    if (!number)
      throw new Error(`All ${last + 1} Redis databases are taken: the tests need an own Redis (unset REDIS_URL)`);
    await admin.select(number);
    const size = await admin.dbsize();
    await admin.select(0);
    if (size === 0) return number;
  }
}

async function flushDatabase(admin: Redis, number: number): Promise<void> {
  await admin.select(number);
  await admin.flushdb();
}

async function asAdmin<T>(work: (admin: Redis) => Promise<T>): Promise<T> {
  const admin = new Redis(settingOf('TEST_REDIS_URL'), { maxRetriesPerRequest: 1, retryStrategy: null });
  admin.on('error', () => {}); // the command that fails tells
  try {
    return await work(admin);
  } finally {
    admin.disconnect();
  }
}
