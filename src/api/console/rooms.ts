import { type Request, type Response, Router } from 'express';
import type { Deps } from '../../billing/deps/deps.ts';
import { attemptsOfEvent, paymentNamedBy, traceEvent, tracePayment } from '../../billing/payment-trace.ts';
import type { JobQueues } from '../../jobs/enqueue.ts';
import { dayIn } from '../../platform/business-day.ts';
import { EventRoom } from '../../views/console/event-room.tsx';
import { Overview } from '../../views/console/overview.tsx';
import { PaymentRoom } from '../../views/console/payment-room.tsx';
import { invoiceRooms } from './invoices.ts';
import { messageRooms } from './messages.ts';
import { overviewFigures } from './overview-figures.ts';
import { reviewRooms } from './reviews.ts';
import { nowhere, only, show, visitOf } from './visit.ts';

/** The rooms of the console, for those who are signed in. */
export function consoleRooms(deps: Deps, jobs: JobQueues): Router {
  const { db } = deps;
  const router = Router();
  router.param('id', only(/^(pi|evt|re|pyr|du|dp)_\w+$/));

  router.get('/', async (request, response) => {
    show(
      response,
      Overview({
        visit: visitOf(request, response),
        figures: await overviewFigures(db, jobs, dayIn(deps.timeZone, deps.clock())),
      }),
    );
  });
  router.use('/invoices', invoiceRooms(deps));
  router.use('/reviews', reviewRooms(deps));
  router.use('/messages', messageRooms(deps));

  // Refunds and disputes lead to their payment, too.
  router.get('/payments/:id', async (request: Request<{ id: string }>, response: Response) => {
    const intent = await paymentNamedBy(db, request.params.id);
    const payment = intent ? await tracePayment(db, intent) : undefined;
    if (!payment) return nowhere(request, response);
    show(response, PaymentRoom({ visit: visitOf(request, response), payment }));
  });
  router.get('/events/:id', async (request: Request<{ id: string }>, response: Response) => {
    const event = await traceEvent(db, request.params.id);
    if (!event) return nowhere(request, response);
    const attempts = await attemptsOfEvent(db, event.id);
    show(response, EventRoom({ visit: visitOf(request, response), event, attempts }));
  });

  router.use(nowhere);
  return router;
}
