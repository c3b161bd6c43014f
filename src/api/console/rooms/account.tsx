import type { VNode } from 'preact';
import { z } from 'zod';
import type { Admin } from '../../../billing/people/admin.ts';
import { countSessions } from '../../../billing/people/admin-sessions.ts';
import { changePassword } from '../../../billing/people/admins.ts';
import { LONGEST_PASSWORD, passwordProblem, SHORTEST_PASSWORD } from '../../../billing/people/password-rule.ts';
import type { Limit } from '../../http/limit.ts';
import { form } from '../frame/form.ts';
import { room } from '../frame/room.ts';
import { Fact } from '../parts/facts.tsx';

/** Who is signed in, and his password: a viewer's, too. */
interface Content {
  /** Browsers in which he is signed in now, this one included. */
  readonly sessions: number;
}

/** Blanks are part of a password. */
const typed = z.string().max(1_000).catch('');

const password = form({
  path: '/password',
  anyone: true,
  fields: z.object({ old: typed, password: typed, again: typed }),
  says: { password: 'Your password is changed. You are signed out everywhere else.' },
  async send({ old, password, again }, { admin }, { billing: { db, log }, passwordLimits: { rated, failures } }) {
    const mistyped = mistypedIn({ old, password, again });
    if (mistyped) return { status: 422, problem: mistyped };
    const tooMany = await refusal(rated, 'Too many passwords', admin);
    if (tooMany) return tooMany;
    const weak = await passwordProblem(password, admin.name);
    if (weak) return { status: 422, problem: weak };
    const tooWrong = await refusal(failures, 'Too many wrong passwords', admin);
    if (tooWrong) return tooWrong;
    const session = await changePassword(db, admin, old, password);
    if (!session) {
      log.warn('a change of password was refused', { admin: admin.name });
      return { status: 422, problem: 'The current password is not right. Nothing was changed.' };
    }
    await failures.forget(admin.name);
    log.info('password changed', { admin: admin.name });
    return { done: 'password', session };
  },
});

async function refusal(by: Limit, what: string, { name }: Admin) {
  const seconds = await by.take(name);
  if (seconds === 0) return undefined;
  const problem = `${what}. Try again in ${Math.ceil(seconds / 60)} minutes.`;
  return { status: 429, problem, retryAfter: seconds };
}

interface Typed {
  readonly old: string;
  readonly password: string;
  readonly again: string;
}

function mistypedIn({ old, password, again }: Typed): string | undefined {
  if (old === '' || password === '') return 'Give the current password, and the new one twice.';
  if (password !== again) return 'The new password was typed in two ways. Nothing was changed.';
  if (password === old) return 'The new password is the current one. Nothing was changed.';
  return undefined;
}

export const account = room({
  path: '/account',
  forms: [password],
  async read({ admin }, { billing: { db } }): Promise<Content> {
    return { sessions: (await countSessions(db)).get(admin.id) ?? 1 };
  },
  page: ({ sessions }, { admin }) => ({
    title: 'Your account',
    body: <Account admin={admin} sessions={sessions} />,
  }),
});

function Account({ admin: { name, role }, sessions }: Content & { readonly admin: Admin }): VNode {
  return (
    <>
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
    </>
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
