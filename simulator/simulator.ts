import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ControlDoor } from './control/door.ts';
import { Api } from './core/api.ts';
import { PageDoor } from './core/page-door.ts';
import { serve } from './core/server.ts';
import { World, type WorldOptions } from './core/world.ts';
import { resources } from './resources.ts';

export interface StartOptions extends WorldOptions {
  port?: number;
  host?: string;
}

/** A running simulator: its world for tests in the same process, its URL for everybody else. */
export interface Simulator {
  world: World;
  url: string;
  /** Lets the process end although it listens. */
  unref(): void;
  close(): Promise<void>;
}

export async function startSimulator(options: StartOptions): Promise<Simulator> {
  const reactions = resources.flatMap(({ reactions: offered }) => (offered === undefined ? [] : [offered]));
  const world = new World({ ...options, reactions });
  const server = serve(new Api(world, resources), [
    new ControlDoor(
      world,
      resources.flatMap(({ controls }) => controls ?? []),
    ),
    new PageDoor(
      world,
      resources.flatMap(({ pages }) => pages ?? []),
    ),
  ]);
  const host = options.host ?? '127.0.0.1';
  const port = await listen(server, options.port ?? 0, host);
  world.baseUrl = `http://${host}:${port}`;
  return {
    world,
    url: world.baseUrl,
    unref: () => server.unref(),
    close: () =>
      new Promise((resolve) => {
        for (const account of world.accounts) account.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address: AddressInfo | string | null = server.address();
      if (address === null || typeof address === 'string') reject(new Error('The server has no port.'));
      else resolve(address.port);
    });
  });
}
