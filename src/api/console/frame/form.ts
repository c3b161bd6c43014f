import type { z } from 'zod';
import { told } from '../../../billing/told.ts';
import { messageOf } from '../../../platform/log.ts';
import { statusOf } from '../../http/status-of.ts';
import type { ConsoleDeps, Visit } from './visit.ts';

/** What can be done in a room: the fields that are typed, what is done with them, and what is said afterwards. */
interface FormRule<Typed, Code extends string, Changed extends object> {
  /** Below the address of its room; empty: that address itself. */
  readonly path: '' | `/${string}`;
  /** What it can't take is said in the words of its messages. */
  readonly fields: z.ZodType<Typed>;
  /** By the code that the address then carries: the text itself never comes from there. */
  readonly says: Readonly<Record<Code, string>>;
  /** A viewer, too. */
  readonly anyone?: boolean;
  /** What of it comes back when nothing was done, whatever the reason. */
  readonly keeps?: (typed: Typed) => Changed;
  /** Errors that use cases tell people (`told`) bring the room back, with their sentence. */
  readonly send: (typed: Typed, visit: Visit, deps: ConsoleDeps) => Promise<Sending<NoInfer<Code>, Changed>>;
}

export type Sending<Code, Changed> = Done<Code> | Landed | NotTaken<Changed>;

/** The room says it. */
interface Done<Code> {
  readonly done: Code;
  /** The token of the session that begins with it. */
  readonly session?: string;
}

/** @see landing */
interface Landed {
  readonly landed: string;
}

/** The room comes back. */
interface NotTaken<Changed> {
  readonly status: number;
  readonly problem?: string;
  /** What it shows otherwise than it stands in the database. */
  readonly changed?: Changed;
  /** What `keeps` has kept. */
  readonly kept?: Changed | undefined;
  /** Seconds after which to try once more. */
  readonly retryAfter?: number;
}

/** @typeParam Changed the part of a room's content that the form may bring back otherwise */
export interface Form<Code extends string, Changed extends object> {
  readonly path: string;
  readonly says: Readonly<Record<string, string>>;
  readonly anyone: boolean;
  readonly send: (body: unknown, visit: Visit, deps: ConsoleDeps) => Promise<Sending<Code, Changed>>;
}

export function form<Typed, Code extends string, Changed extends object>({
  path,
  fields,
  says,
  anyone = false,
  keeps,
  send,
}: FormRule<Typed, Code, Changed>): Form<Code, Changed> {
  return {
    path,
    says,
    anyone,
    async send(body, visit, deps) {
      const typed = fields.safeParse(body ?? {});
      if (!typed.success) return { status: 422, problem: typed.error.issues.map(({ message }) => message).join(' ') };
      const kept = keeps?.(typed.data);
      try {
        const sending = await send(typed.data, visit, deps);
        return 'status' in sending ? { ...sending, kept } : sending;
      } catch (error) {
        return { ...notDone(error, `${visit.address}${path}`, deps), kept };
      }
    },
  };
}

function notDone(error: unknown, address: string, { billing: { log } }: ConsoleDeps): NotTaken<never> {
  const saying = told(error);
  if (!saying || saying.kind === 'away') {
    log.error('what was sent could not be done', { address, error: messageOf(error) });
  }
  return {
    status: saying ? statusOf(saying) : 500,
    problem: `This did not work: ${saying?.message ?? messageOf(error)}`,
  };
}
