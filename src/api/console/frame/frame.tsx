import type { VNode } from 'preact';
import { Page } from '../../../views/page.tsx';
import { type Place, PlaceContext } from '../parts/place.ts';
import type { RoomPage } from './room.ts';
import type { Visit } from './visit.ts';

/** What stands around every room of the console: the menu, who is signed in, and what was just done or not done. */
export interface FrameProps {
  readonly admin: Visit['admin'];
  readonly menu: readonly MenuEntry[];
  readonly place: Place;
  /** What was just done. */
  readonly flash: string | undefined;
  readonly page: RoomPage;
}

export interface MenuEntry {
  readonly href: string;
  readonly text: string;
  /** The room is this one, or below it. */
  readonly current: boolean;
}

export function Frame({ admin, menu, place, flash, page }: FrameProps): VNode {
  const { title, beside, body, problem } = page;
  return (
    <Page title={title}>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="bar">
        <p class="brand">Quittance</p>
        <nav aria-label="Console">
          {menu.map(({ href, text, current }) => (
            <a key={href} href={href} {...(current ? { 'aria-current': 'page' as const } : {})}>
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
      <PlaceContext.Provider value={place}>
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
          {body}
        </main>
      </PlaceContext.Provider>
    </Page>
  );
}
