import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { cleanEnvironment } from '../../bin/lib/checkout.ts';
import { freePort } from '../../bin/lib/free-port.ts';
import { stopProcess } from '../../bin/lib/identity.ts';
import { findRedis } from '../../bin/lib/redis-programs.ts';
import { spawnNoted } from '../../bin/lib/spawn.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { until } from '../support/eventually.ts';
import { testRun, uniqueName } from '../support/run.ts';

export type RedisWith = {
  /** With the password. */
  url: string;
  /** One command on a connection that has said no password. @returns the first line of the answer */
  withoutPassword(command: string): Promise<string>;
};

/** A Redis program with these words of the command line, on a free port of 127.0.0.1, in a folder of its own. */
export async function startRedisWith(words: readonly string[], password: string): Promise<RedisWith> {
  const program = await findRedis(() => {});
  if (program.kind === 'container') throw new Error('This test needs a Redis program: apt-get install redis-server');
  const run = testRun();
  const name = uniqueName('redis');
  const folder = join(run.folder, name);
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const spawned = spawnNoted(
    run,
    { name, store: false, stopSignal: 'SIGTERM' },
    {
      program: program.path,
      words: [...words, '--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
      env: cleanEnvironment({ LD_LIBRARY_PATH: program.libraries }),
      folder,
    },
  );
  releaseAfterFile(async () => void (await stopProcess(spawned.process)));
  const withoutPassword = async (command: string): Promise<string> => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`${command}\r\n`);
    const [answer] = await once(socket, 'data');
    socket.destroy();
    return String(answer).split('\r\n')[0] ?? '';
  };
  await until(() => withoutPassword('PING'), { what: `Redis answers on ${port}: ${spawned.said()}` });
  return { url: `redis://:${password}@127.0.0.1:${port}`, withoutPassword };
}
