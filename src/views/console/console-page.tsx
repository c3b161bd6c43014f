import type { ComponentChildren, VNode } from 'preact';
import type { Admin } from '../../billing/people/admin.ts';
import { Page } from '../page.tsx';
import { FLASHES } from './flashes.ts';
import { TimeZone } from './parts.tsx';

/** The frame of every room of the console. */
export interface Visit {
  readonly admin: Pick<Admin, 'name' | 'role'>;
  /** Of the business. */
  readonly timeZone: string;
  /** What was just done, by the code that the redirect carried; unknown codes say nothing. */
  readonly done?: string | undefined;
  /** Why something was not done. */
  readonly problem?: string | undefined;
}

const ROOMS = {
  overview: ['/console', 'Overview'],
  invoices: ['/console/invoices', 'Invoices'],
  reviews: ['/console/reviews', 'Reviews'],
  messages: ['/console/messages', 'Messages'],
  queues: ['/console/queues', 'Queues'],
} as const;

export interface ConsolePageProps {
  readonly visit: Visit;
  readonly room?: keyof typeof ROOMS;
  readonly title: string;
  /** Beside the title: a chip, a button. */
  readonly beside?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function ConsolePage({ visit, room, title, beside, children }: ConsolePageProps): VNode {
  const { admin, timeZone, done, problem } = visit;
  const flash = done && Object.hasOwn(FLASHES, done) ? FLASHES[done] : undefined;
  return (
    <Page title={title}>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="bar">
        <p class="brand">Quittance</p>
        <nav aria-label="Console">
          {Object.entries(ROOMS).map(([name, [href, text]]) => (
            <a key={name} href={href} {...(name === room ? { 'aria-current': 'page' as const } : {})}>
              {text}
            </a>
          ))}
        </nav>
        <form method="post" action="/console/logout">
          <a class="hint" href="/console/account">
            {admin.name} ({admin.role})
          </a>
          <button type="submit" class="quiet">
            Sign out
          </button>
        </form>
      </header>
      <TimeZone.Provider value={timeZone}>
        <main id="content" class="room">
          {flash ? (
            <p class="flash" role="status">
              {flash}
            </p>
          ) : null}
          {problem ? (
            <p class="flash problem" role="alert">
              {problem}
            </p>
          ) : null}
          <div class="title">
            <h1>{title}</h1>
            {beside}
          </div>
          {children}
        </main>
      </TimeZone.Provider>
    </Page>
  );
}

/** Viewers see no forms that change something. */
export function mayChange({ admin }: Visit): boolean {
  return admin.role === 'operator';
}
