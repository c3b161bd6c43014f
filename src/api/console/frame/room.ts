import type { RequestHandler } from 'express';
import type { ComponentChildren } from 'preact';
import type { Form } from './form.ts';
import type { ConsoleDeps, Visit } from './visit.ts';

/**
 * One room of the console, whole: where it is, what the menu calls it, what it reads and shows, what can be done in it and
 * what it says afterwards. Its routes, the menu, links to what it shows and the sentences after a form come from it.
 */
export interface Room<Code extends string = string> extends Pick<RoomRule<object, Code, Code>, Told> {
  readonly says: Readonly<Record<Code, string>>;
  readonly show: (visit: Visit, deps: ConsoleDeps) => Promise<Shown>;
  readonly forms: readonly RoomForm[];
}

type Told = 'path' | 'id' | 'linked' | 'menu' | 'onlyOperators';

/** What is written in the file of a room. */
interface RoomRule<Content extends object, Code extends string, FormCode extends string> {
  /** Below /console, in the form of Express: `/invoices/:id`. */
  readonly path: RoomPath;
  /** What `:id` may look like; anything else leads nowhere, and is never asked of the database. */
  readonly id?: RegExp;
  /** Ids of this form lead here wherever they stand on a page. */
  readonly linked?: boolean;
  /** Its name in the menu; rooms without one are reached from others. */
  readonly menu?: string;
  /** What a viewer is told instead of being let in. */
  readonly onlyOperators?: string;
  /** What other rooms land here with (`landing`); what its own forms say stands with them. */
  readonly says?: Readonly<Record<Code, string>>;
  /** @returns undefined when there is nothing at this address */
  readonly read: (visit: Visit, deps: ConsoleDeps) => Promise<Content | Elsewhere | undefined>;
  readonly page: (content: Content, visit: Visit) => RoomPage;
  readonly forms?: readonly Form<FormCode, Partial<Content>>[];
}

export type RoomPath = `/${string}`;

export interface RoomPage {
  readonly title: string;
  /** Beside the title: a chip, a button. */
  readonly beside?: ComponentChildren;
  readonly body: ComponentChildren;
  /** Said above everything else. */
  readonly problem?: string | undefined;
}

/** Undefined: there is nothing at this address. */
export type Shown = RoomPage | Elsewhere | undefined;

/** What was asked for is at another address now. */
export class Elsewhere {
  readonly address: string;
  constructor(address: string) {
    this.address = address;
  }
}

export interface RoomForm extends Pick<Form<string, never>, 'path' | 'anyone'> {
  readonly send: (body: unknown, visit: Visit, deps: ConsoleDeps) => Promise<Outcome>;
}

/** What came of a form: the browser goes on, or gets the room again with what is wrong. */
export type Outcome = GoesOn | Again;

interface GoesOn {
  readonly to: string;
  /** The token of the session that begins with it. */
  readonly session?: string | undefined;
}

export interface Again {
  readonly shown: Shown;
  readonly status: number;
  /** Seconds after which to try once more. */
  readonly retryAfter?: number | undefined;
}

/** An application of its own that has its place in the menu. */
export interface Annex {
  readonly path: RoomPath;
  readonly menu: string;
  readonly handler: (deps: ConsoleDeps, address: string) => RequestHandler;
}

/** A room with what draws it, for who wants to see it without its rows. */
interface DrawnRoom<Content extends object, Code extends string> extends Room<Code> {
  readonly page: RoomRule<Content, Code, Code>['page'];
}

export function room<Content extends object, Code extends string = never, FormCode extends string = never>({
  says,
  read,
  page,
  forms = [],
  ...told
}: RoomRule<Content, Code, FormCode>): DrawnRoom<Content, Code | FormCode> {
  async function show(visit: Visit, deps: ConsoleDeps, changed: Partial<Content> = {}): Promise<Shown> {
    const content = await read(visit, deps);
    return content && !(content instanceof Elsewhere) ? page({ ...content, ...changed }, visit) : content;
  }
  async function send(form: Form<FormCode, Partial<Content>>, body: unknown, visit: Visit, deps: ConsoleDeps) {
    const sending = await form.send(body, visit, deps);
    if ('landed' in sending) return { to: sending.landed };
    if ('done' in sending) return { to: `${visit.address}?done=${sending.done}`, session: sending.session };
    const { problem, kept, changed, ...again } = sending;
    // Read anew: it shows how things stand now.
    const shown = await show(visit, deps, { ...kept, ...changed });
    return { ...again, shown: problem && shown && !(shown instanceof Elsewhere) ? { ...shown, problem } : shown };
  }
  return {
    ...told,
    page,
    says: Object.assign({}, says, ...forms.map((form) => form.says)),
    show: (visit, deps) => show(visit, deps),
    forms: forms.map((form) => ({
      path: form.path,
      anyone: form.anyone,
      send: (body, visit, deps) => send(form, body, visit, deps),
    })),
  };
}

/** Where a form ends that leads to another room, which then says so. */
export function landing<Code extends string>(
  { path }: Room<Code>,
  id: string,
  code: NoInfer<Code>,
): { landed: string } {
  return { landed: `${addressIn(path, id)}?done=${code}` };
}

/** `/invoices/:id` → `/console/invoices/inv_…` */
export function addressIn(path: RoomPath, id: string): string {
  return `/console${path === '/' ? '' : path}`.replace(':id', () => encodeURIComponent(id));
}
