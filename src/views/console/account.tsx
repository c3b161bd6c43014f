import type { VNode } from 'preact';
import { LONGEST_PASSWORD, SHORTEST_PASSWORD } from '../../billing/people/password-rule.ts';
import { ConsolePage, type Visit } from './console-page.tsx';
import { Fact } from './parts.tsx';

/** Who is signed in, and his password. */
export interface AccountProps {
  readonly visit: Visit;
  /** Browsers in which he is signed in now, this one included. */
  readonly sessions: number;
}

export function Account({ visit, sessions }: AccountProps): VNode {
  const { name, role } = visit.admin;
  return (
    <ConsolePage visit={visit} title="Your account">
      <dl class="record">
        <Fact name="Name">{name}</Fact>
        <Fact name="Role">
          {role === 'operator' ? 'operator: may look and change' : 'viewer: may look, not change'}
        </Fact>
        <Fact name="Signed in">{sessions === 1 ? 'in this browser' : `in ${sessions} browsers`}</Fact>
      </dl>
      <section>
        <h2>Change the password</h2>
        <form method="post" action="/console/account/password" class="password">
          <input type="hidden" name="username" value={name} autocomplete="username" />
          <Password name="old" label="Current password" autocomplete="current-password" />
          <Password name="password" label="New password" autocomplete="new-password" />
          <Password name="again" label="New password, once more" autocomplete="new-password" />
          <p class="hint">
            At least {SHORTEST_PASSWORD} characters, and none of the common ones. You stay signed in here, and are
            signed out everywhere else.
          </p>
          <button type="submit">Change the password</button>
        </form>
      </section>
    </ConsolePage>
  );
}

interface PasswordProps {
  readonly name: string;
  readonly label: string;
  readonly autocomplete: 'current-password' | 'new-password';
}

function Password({ name, label, autocomplete }: PasswordProps): VNode {
  return (
    <label>
      {label}
      <input name={name} type="password" autocomplete={autocomplete} maxlength={LONGEST_PASSWORD} required />
    </label>
  );
}
