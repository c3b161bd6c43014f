import type { VNode } from 'preact';
import { Page } from '../../../views/page.tsx';

export interface LoginProps {
  /** Where to go after signing in: a path of the console. */
  readonly next: string;
  readonly name?: string;
  readonly problem?: string;
}

export function Login({ next, name, problem }: LoginProps): VNode {
  return (
    <Page title="Sign in">
      <main class="narrow">
        <h1>Quittance</h1>
        <form method="post" action="/console/login">
          {problem ? (
            <p class="problem" role="alert">
              {problem}
            </p>
          ) : null}
          <input type="hidden" name="next" value={next} />
          <label>
            Name
            <input name="name" value={name} autocomplete="username" autocapitalize="none" required autofocus />
          </label>
          <label>
            Password
            <input name="password" type="password" autocomplete="current-password" required />
          </label>
          <button type="submit">Sign in</button>
        </form>
        <p class="hint">Accounts are made on the server: npm run quittance -- admin create NAME</p>
      </main>
    </Page>
  );
}
