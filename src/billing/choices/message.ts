import { z } from 'zod';
import { deadMessages } from '../../messages/message-history.ts';
import { answered, type Choice } from '../desk/questions.ts';
import { enableEndpointById } from '../outgoing/manage-endpoints.ts';
import { replayMessage } from '../outgoing/replay-message.ts';

/** What may be decided about mails and outgoing webhooks that did not arrive. */

const undelivered = z.looseObject({ message: z.string() });
const gone = z.looseObject({ endpoint: z.number() });

export const sendAgain: Choice = {
  name: 'send_again',
  effect: 'What could not be delivered goes out once more, to the same address.',
  run: async ({ subject, details }, { db }, { actor, reason }) => {
    const { message } = undelivered.parse(details);
    const endpoint = /^endpoint:(\d+)$/.exec(subject)?.[1];
    const dead = await deadMessages(db, endpoint ? { endpoint: Number(endpoint) } : { message });
    for (const id of dead) await replayMessage(db, id, actor, reason);
    return answered(`${dead.length} ${dead.length === 1 ? 'message goes' : 'messages go'} out again`);
  },
};

export const leaveUnsent: Choice = {
  name: 'leave_unsent',
  effect: 'Nothing is sent: whoever should have known knows, or need not. "messages replay" can still send it.',
  run: async () => answered('it stays unsent'),
};

export const tellAgain: Choice = {
  name: 'tell_again',
  effect: 'The endpoint is told what happens from now on.',
  run: async ({ details }, { db }, { actor, reason }) => {
    await enableEndpointById(db, gone.parse(details).endpoint, actor, reason);
    return answered('the endpoint is told what happens again');
  },
};

export const leaveDisabled: Choice = {
  name: 'leave_disabled',
  effect: 'The endpoint is told nothing any more. "webhook enable" can still change that.',
  run: async () => answered('the endpoint is told nothing any more'),
};
