import { buffer } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { addressOf } from '../core/server-address.ts';
import { type Behaviour, forGood, forNow, type Stage, taking } from './behaviour.ts';
import type { Mails } from './mails.ts';

/** A real SMTP server that delivers nothing: mails stay here, to be looked at. */
export interface Smtp {
  readonly url: string;
  readonly behaviour: Behaviour;
  /** Whoever was left waiting is sent away (421). */
  behave(behaviour: Behaviour): void;
  close(): Promise<void>;
}

const LARGEST = 5 * 1024 * 1024;

type Answer = (error?: Error | null) => void;

export async function startSmtp(host: string, port: number, mails: Mails): Promise<Smtp> {
  let behaviour = taking;
  let waiting: Answer[] = [];

  function answerAt(stage: Stage, answer: Answer): void {
    if (behaviour.answer === 'accept' || behaviour.at !== stage) answer();
    else if (behaviour.answer === 'temporary') answer(forNow());
    else if (behaviour.answer === 'permanent') answer(forGood());
    else waiting.push(answer);
  }

  function endWaiting(): void {
    const left = waiting;
    waiting = [];
    for (const answer of left) answer(Object.assign(new Error('come again'), { responseCode: 421 }));
  }

  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    size: LARGEST,
    closeTimeout: 200,
    onAuth: (_credentials, _session, answer) => answer(null, { user: 'anybody' }),
    onConnect: (_session, answer) => answerAt('greeting', answer),
    onRcptTo: (_address, _session, answer) => answerAt('recipient', answer),
    onData(stream, session, answer) {
      void buffer(stream).then((raw) => {
        const { mailFrom, rcptTo } = session.envelope;
        const refused = behaviour.at === 'data' && ['temporary', 'permanent'].includes(behaviour.answer);
        // Kept also when the sender is left waiting: as when the answer of a server that has taken it gets lost.
        if (!refused) {
          const to = rcptTo.map(({ address }) => address);
          mails.keep(raw, { from: mailFrom ? mailFrom.address : '', to });
        }
        answerAt('data', answer);
      }, answer);
    },
  });
  // A client that breaks off is no trouble of ours.
  server.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: actual } = addressOf(server.server);
  return {
    url: `smtp://${host}:${actual}`,
    get behaviour() {
      return behaviour;
    },
    behave(next) {
      behaviour = next;
      endWaiting();
    },
    close: () =>
      new Promise((resolve) => {
        endWaiting();
        server.close(() => resolve());
      }),
  };
}
