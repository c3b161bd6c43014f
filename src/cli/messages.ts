import { replayMessage } from '../billing/outgoing/replay-message.ts';
import { listMessages, triesOf } from '../messages/message-history.ts';
import type { MessageState } from '../messages/messages.ts';
import { minute, onDatabase, operator } from './on-database.ts';
import type { Terminal } from './terminal.ts';

/** Mails and outgoing webhooks: what went out, what did not, and sending it once more. */
const STATES: readonly MessageState[] = ['pending', 'sent', 'dead', 'skipped'];

export async function list(terminal: Terminal, options: { state?: string; limit: string }): Promise<void> {
  const state = STATES.find((known) => known === options.state);
  if (options.state && !state) throw new Error(`--state must be one of ${STATES.join(', ')}.`);
  const limit = Number(options.limit);
  if (!Number.isSafeInteger(limit) || limit < 1) throw new Error('--limit must be a whole number.');
  await onDatabase(terminal, async (db, timeZone) => {
    const found = await listMessages(db, { ...(state ? { state } : {}), limit });
    if (found.length === 0) terminal.say('There are no such messages.');
    for (const message of found) {
      const to = message.url ?? message.recipient;
      terminal.say(`${message.id}  ${minute(message.created_at, timeZone)}  ${message.state}  ${message.kind}  ${to}`);
      for (const { at, ok, answer } of await triesOf(db, message.id)) {
        terminal.say(`     ${minute(at, timeZone)}  ${ok ? 'taken' : 'failed'}: ${answer}`);
      }
      if (message.state === 'pending') terminal.say(`     next try ${minute(message.next_attempt_at, timeZone)}`);
    }
  });
}

export async function replay(terminal: Terminal, ids: string[], { reason }: { reason: string }): Promise<void> {
  await onDatabase(terminal, async (db) => {
    for (const id of ids) {
      await replayMessage(db, id, operator(), reason);
      terminal.say(`${id} goes out again.`);
    }
  });
}
