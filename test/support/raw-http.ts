import { connect as connectPlain, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { until } from './eventually.ts';

/** A connection on which bytes are sent as no client would send them. */
export type RawConnection = {
  send(text: string): void;
  /** Sends a byte now and then, for as long as the other side lets it. */
  trickle(everyMs: number): void;
  /** Once so much has come back. */
  until(text: string): Promise<void>;
  /** All that came back, once the other side has closed. */
  answer(): Promise<string>;
};

export function rawConnection(open: number | TLSSocket): RawConnection {
  const socket: Socket = typeof open === 'number' ? connectPlain(open, '127.0.0.1') : open;
  let came = '';
  let closed = false;
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    came += text;
  });
  socket.on('error', () => {}); // it is closed while we still send
  socket.on('close', () => {
    closed = true;
  });
  return {
    send: (text) => void socket.write(text),
    trickle(everyMs) {
      const timer = setInterval(() => socket.write('a'), everyMs);
      socket.on('close', () => clearInterval(timer));
    },
    until: async (text) => void (await until(() => came.includes(text), { what: `the answer holds ${text}` })),
    async answer() {
      await until(() => closed, { what: 'the other side closes the connection' });
      return came;
    },
  };
}
