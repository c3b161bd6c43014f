import { newSigningKey } from '../platform/signing-keys.ts';
import type { Terminal } from './terminal.ts';

/** Kept nowhere: it belongs into the configuration of the api. */
export async function tokenKey(terminal: Terminal): Promise<void> {
  terminal.stderr.write('Put this key into ACCESS_TOKEN_KEYS of the api; it is shown once, and stored nowhere:\n');
  terminal.say(newSigningKey());
}
