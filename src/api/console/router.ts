import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import { dayIn } from '../../platform/business-day.ts';
import { html } from '../../views/page.tsx';
import { BODY_LIMITS } from '../http/body-limits.ts';
import { Frame, type MenuEntry } from './frame/frame.tsx';
import { nothing } from './frame/nothing.tsx';
import { type Annex, addressIn, Elsewhere, type Room, type RoomForm, type Shown } from './frame/room.ts';
import { clean, textIn } from './frame/typed.ts';
import type { ConsoleDeps, Visit } from './frame/visit.ts';
import type { Sent } from './parts/place.ts';
import { rooms } from './rooms.ts';
import type { Cookie } from './sign-in/cookies.ts';
import { adminIn, operatorForChanges } from './sign-in/session.ts';

/** The rooms of the console, for those who are signed in. */
export function consoleRooms(deps: ConsoleDeps, session: Cookie): Router {
  const router = Router();
  const pages = rooms.filter(isRoom);
  const forms = pages.flatMap((room) => room.forms.map((form) => ({ room, form })));
  // Before the rule for all others: what a viewer may do, too.
  for (const { room, form } of forms.filter(({ form: { anyone } }) => anyone)) post(room, form);
  router.use(operatorForChanges);
  for (const room of rooms.filter(isAnnex)) router.use(room.path, room.handler(deps, addressIn(room.path, '')));
  for (const room of pages) router.get(room.path, ofItsId(room), (request, response) => get(room, request, response));
  for (const { room, form } of forms.filter(({ form: { anyone } }) => !anyone)) post(room, form);
  router.use((request, response) => write(undefined, undefined, visitOf(undefined, request, response), response));
  return router;

  function post(room: Room, form: RoomForm): void {
    router.post(`${room.path}${form.path}`, ofItsId(room), fields, async (request, response) => {
      const visit = visitOf(room, request, response, form);
      const outcome = await form.send(request.body, visit, deps);
      if ('to' in outcome) {
        if (outcome.session) session.set(response, outcome.session);
        // See other: the browser asks anew, and going back or refreshing repeats nothing.
        return response.redirect(303, outcome.to);
      }
      if (outcome.retryAfter) response.setHeader('Retry-After', String(outcome.retryAfter));
      write(room, outcome.shown, visit, response, outcome.status);
    });
  }

  async function get(room: Room, request: Request, response: Response): Promise<void> {
    const visit = visitOf(room, request, response);
    const { onlyOperators: refusal } = room;
    if (refusal && !visit.mayChange) write(room, nothing(refusal), visit, response, 403);
    else write(room, await room.show(visit, deps), visit, response);
  }

  function visitOf(room: Room | undefined, request: Request, response: Response, form?: RoomForm): Visit {
    const admin = adminIn(response);
    const id = String(request.params.id ?? '');
    return {
      admin,
      actor: `admin:${admin.name}`,
      mayChange: admin.role === 'operator',
      address: room ? addressIn(room.path, id) : '',
      id,
      query: (name) => clean(request.query[name]),
      today: dayIn(deps.billing.timeZone, deps.billing.clock()),
      sent: form && sentIn(form, request),
    };
  }

  function write(room: Room | undefined, shown: Shown, visit: Visit, response: Response, status = 200): void {
    if (shown instanceof Elsewhere) {
      response.redirect(303, shown.address);
      return;
    }
    const { address, admin, query, sent } = visit;
    const page = Frame({
      admin,
      menu: menuFor(room),
      place: { timeZone: deps.billing.timeZone, address, addressOf, sent },
      flash: room && sayingOf(room, query('done')),
      page: shown ?? nothing('There is nothing at this address.'),
    });
    response
      .status(shown ? status : 404)
      .type('html')
      .send(html(page));
  }
}

function isAnnex(each: Room | Annex): each is Annex {
  return 'handler' in each;
}

function isRoom(each: Room | Annex): each is Room {
  return !isAnnex(each);
}

/** Fields of forms, flat: `lines.0.description` is a name like any other. */
const fields = express.urlencoded({ extended: false, limit: BODY_LIMITS.consoleForm, parameterLimit: 1_000 });

/** Ids of another form are those of another room, or of none. */
function ofItsId({ id }: Room): RequestHandler {
  return (request, _response, next) => {
    if (!id || id.test(String(request.params.id))) next();
    else next('route');
  };
}

function sentIn({ path }: RoomForm, { body }: Request): Sent {
  return { path, text: (name) => textIn(body, name) };
}

function sayingOf({ says }: Room, code: string): string | undefined {
  return Object.hasOwn(says, code) ? says[code] : undefined;
}

export function menuFor(room: Pick<Room, 'path'> | undefined): MenuEntry[] {
  const named = rooms.flatMap(({ path, menu }) => (menu ? [{ path, menu }] : []));
  const above = named.filter(({ path }) => room && (room.path === path || room.path.startsWith(`${path}/`)));
  return named.map(({ path, menu }) => ({
    href: addressIn(path, ''),
    text: menu,
    current: above.some((each) => each.path === path),
  }));
}

/** The room in which an id is shown; undefined for ids of other kinds. */
export function addressOf(id: string): string | undefined {
  const room = rooms.filter(isRoom).find((each) => each.linked && each.id?.test(id));
  return room && addressIn(room.path, id);
}
