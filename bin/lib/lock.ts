import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkoutId } from './checkout.ts';

/**
 * Runs `work` while no other process of this checkout holds the lock of that name.
 * The lock is an abstract Unix socket: the kernel releases it when its holder dies, so none is ever left behind.
 */
export async function withLock<T>(name: string, work: () => Promise<T>, onWait?: () => void): Promise<T> {
  let held = await tryLock(name);
  if (held === undefined) onWait?.();
  while (held === undefined) {
    await sleep(50);
    held = await tryLock(name);
  }
  try {
    return await work();
  } finally {
    const server = held;
    await new Promise<void>((done) => server.close(() => done()));
  }
}

function tryLock(name: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(`\0quittance-${checkoutId}-${process.getuid?.() ?? 0}-${name}`, () => resolve(server));
  });
}
