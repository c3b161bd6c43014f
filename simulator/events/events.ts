import { StripeError } from '../core/errors.ts';
import { paginate } from '../core/lists.ts';
import { array, bool, string } from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import { createdParam, inRange, listParams } from '../core/shared-params.ts';
import { snapshotId, thinTwin } from './thin.ts';

const MAX_TYPES = 20;
const LISTED_SECONDS = 30 * 86_400;

/** The last 30 days of events (https://docs.stripe.com/api/events). */
export const events: Resource = {
  expansions: {},
  routes: [
    route(
      'GET',
      '/v1/events',
      {
        ...listParams,
        ...createdParam,
        type: string(),
        types: array(string(), { max: MAX_TYPES }),
        delivery_success: bool(),
      },
      (context, params) => {
        const { type, types, created, delivery_success: delivered } = params;
        if (type !== undefined && types !== undefined) {
          throw new StripeError(
            400,
            'invalid_request_error',
            'You may only specify one of these parameters: type, types.',
            {
              code: 'parameters_exclusive',
            },
          );
        }
        const oldest = context.now() - LISTED_SECONDS;
        const found = context.store.event.newestFirst(
          (event) =>
            event.created >= oldest &&
            (created === undefined || inRange(event.created, created)) &&
            (type === undefined || named(event.type, type)) &&
            (types === undefined || types.some((one) => named(event.type, one))) &&
            (delivered === undefined || (event.pending_webhooks === 0) === delivered),
        );
        return paginate(found, params, '/v1/events');
      },
    ),
    // What `fetchEvent()` of a thin notification asks for.
    route('GET', '/v2/core/events/{id}', {}, (context, _params, { id }) => {
      const event = context.store.event.need(snapshotId(id));
      return { ...thinTwin(event), snapshot_event: event.id };
    }),
    route('GET', '/v1/events/{id}', {}, (context, _params, { id }) => context.store.event.need(id)),
  ],
};

/** `charge.*` names all events of charges. */
const named = (type: string, wanted: string): boolean =>
  wanted.endsWith('.*') ? type.startsWith(wanted.slice(0, -1)) : wanted === '*' || type === wanted;
