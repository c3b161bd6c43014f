import { messageJob } from '../jobs/message.ts';
import { type SenderDeps, sendMessage } from '../messages/send-message.ts';
import type { JobHandler } from './queue-worker.ts';

/** Handles the job of one try to send one message. Whether and when it is tried again is kept with the message. */
export function messageHandler(deps: SenderDeps): JobHandler {
  return async (job) => {
    const { messageId } = messageJob.parse(job.data);
    await sendMessage(messageId, deps);
    return undefined;
  };
}
