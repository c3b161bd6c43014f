import { type Request, type Response, Router } from 'express';
import type { Deps } from '../../billing/deps/deps.ts';
import { choicesFor, decideReview } from '../../billing/questions.ts';
import { told } from '../../billing/told.ts';
import { messageOf } from '../../platform/log.ts';
import { ReviewRoom, type ReviewRoomProps } from '../../views/console/review-room.tsx';
import { ReviewList } from '../../views/console/reviews.tsx';
import { listPage } from './list-page.ts';
import { auditOf, findReview, pageOfReviews, REVIEW_ID } from './review-records.ts';
import { field, fields, nowhere, oneOf, only, query, show, visitOf } from './visit.ts';

/** Questions for a person, and deciding them. */
export function reviewRooms(deps: Deps): Router {
  const { db, log } = deps;
  const router = Router();
  router.param('id', only(REVIEW_ID));

  router.get('/', async (request, response) => {
    const state = oneOf(['open', 'closed'], query(request, 'state'));
    const { page, problem } = await listPage(request, (asked) => pageOfReviews(db, state, asked));
    show(response, ReviewList({ visit: visitOf(request, response, problem), page, state }));
  });

  router.get('/:id', (request, response) => room(request, response));

  router.post('/:id', fields, async (request: Request<{ id: string }>, response) => {
    const id = Number(request.params.id);
    const typed = { choice: field(request, 'choice'), reason: field(request, 'reason').slice(0, 500) };
    const actor = `admin:${visitOf(request, response).admin.name}`;
    try {
      await decideReview(id, { ...typed, actor }, deps);
    } catch (error) {
      // Whatever went wrong, the question is still as open as it was.
      log.warn('a decision did not work', { item: id, choice: typed.choice, error: messageOf(error) });
      return room(request, response, {
        problem: `This did not work: ${told(error)?.message ?? messageOf(error)}`,
        typed,
        status: 409,
      });
    }
    response.redirect(303, `/console/reviews/${id}?done=decided`);
  });

  interface Outcome extends Pick<ReviewRoomProps, 'typed'> {
    readonly problem?: string;
    readonly status?: number;
  }

  async function room(request: Request<{ id: string }>, response: Response, outcome: Outcome = {}): Promise<void> {
    const { problem, status = 200, ...typed } = outcome;
    const item = await findReview(db, Number(request.params.id));
    if (!item) return nowhere(request, response);
    const audit = (await auditOf(db, item.subject)).filter(({ details }) => details.item === item.id);
    const visit = visitOf(request, response, problem);
    show(response, ReviewRoom({ visit, item, choices: choicesFor(item), audit, ...typed }), status);
  }
  return router;
}
