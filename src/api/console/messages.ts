import { type Request, type Response, Router } from 'express';
import type { Deps } from '../../billing/deps/deps.ts';
import { replayMessage } from '../../billing/outgoing/replay-message.ts';
import { triesOf } from '../../messages/message-history.ts';
import { messageOf } from '../../platform/log.ts';
import { MessageRoom, mayGoAgain } from '../../views/console/message-room.tsx';
import { MessageList } from '../../views/console/messages.tsx';
import { listPage } from './list-page.ts';
import { findMessage, MESSAGE_ID, pageOfMessages } from './message-records.ts';
import { auditOf } from './review-records.ts';
import { field, fields, nowhere, oneOf, only, query, show, visitOf } from './visit.ts';

/** The outbox: what went out, what did not, and sending it once more. */
export function messageRooms({ db }: Pick<Deps, 'db'>): Router {
  const router = Router();
  router.param('id', only(MESSAGE_ID));

  router.get('/', async (request, response) => {
    const state = oneOf(['all', 'pending', 'sent', 'dead', 'skipped'], query(request, 'state'));
    const { page, problem } = await listPage(request, (asked) =>
      pageOfMessages(db, state === 'all' ? undefined : state, asked),
    );
    show(response, MessageList({ visit: visitOf(request, response, problem), page, state }));
  });

  router.get('/:id', (request, response) => room(request, response));

  router.post('/:id/replay', fields, async (request: Request<{ id: string }>, response) => {
    const { id } = request.params;
    const message = await findMessage(db, id);
    if (!message) return nowhere(request, response);
    const reason = field(request, 'reason').slice(0, 500);
    if (reason === '') return room(request, response, 'A reason is needed; it is kept in the audit log.');
    if (!mayGoAgain(message)) return room(request, response, 'This message is on its way, or has arrived.');
    const actor = `admin:${visitOf(request, response).admin.name}`;
    try {
      await replayMessage(db, id, actor, reason);
    } catch (error) {
      return room(request, response, messageOf(error));
    }
    response.redirect(303, `/console/messages/${id}?done=replayed`);
  });

  async function room(request: Request<{ id: string }>, response: Response, problem?: string): Promise<void> {
    const { id } = request.params;
    const message = await findMessage(db, id);
    if (!message) return nowhere(request, response);
    const [tries, audit] = await Promise.all([triesOf(db, id), auditOf(db, id)]);
    const visit = visitOf(request, response, problem);
    show(response, MessageRoom({ visit, message, tries, audit }), problem ? 409 : 200);
  }
  return router;
}
