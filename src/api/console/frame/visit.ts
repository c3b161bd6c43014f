import type { Deps } from '../../../billing/deps/deps.ts';
import type { Admin } from '../../../billing/people/admin.ts';
import type { JobQueues } from '../../../jobs/enqueue.ts';
import type { Sent } from '../parts/place.ts';
import type { PasswordLimits } from '../sign-in/password-limits.ts';

/** What the rooms of the console reach. */
export interface ConsoleDeps {
  readonly billing: Deps;
  readonly jobs: JobQueues;
  readonly passwordLimits: PasswordLimits;
}

/** Who comes to a room, and what the address says. */
export interface Visit {
  readonly admin: Admin;
  /** As the audit log names him: `admin:ada`. */
  readonly actor: string;
  /** Viewers see no forms that change something. */
  readonly mayChange: boolean;
  /** Of this room, without parameters: `/console/reviews/7`. */
  readonly address: string;
  /** In the address; empty in rooms without one. */
  readonly id: string;
  /** A parameter of the address; empty when it is not there. */
  readonly query: (name: string) => string;
  /** Where the business is: `2026-11-26`. */
  readonly today: string;
  /** The form that was sent, whether it is done now or comes back. */
  readonly sent: Sent | undefined;
}
