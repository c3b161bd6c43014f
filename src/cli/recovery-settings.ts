import {
  asStripeSetting,
  confirmSetting,
  settingsThatMatter,
  settingsToConfirm,
} from '../billing/recovery/stripe-settings.ts';
import { minute, operator, withDeps } from './on-database.ts';
import type { Terminal } from './terminal.ts';

/** What Stripe does not tell of its settings, from a shell. The exit code says whether somebody has to look. */
export async function settings(terminal: Terminal, { json }: { json: boolean }): Promise<number> {
  let code = 0;
  await withDeps(terminal, async ({ db, policy, timeZone }) => {
    const known = await settingsToConfirm(db, policy.recovery);
    if (known.some(({ isDue }) => isDue)) code = 1;
    if (json) terminal.say(JSON.stringify(known, null, 2));
    else if (known.length === 0)
      terminal.say('Nothing has to be looked at: there are no subscriptions, or nothing is written or tried.');
    else {
      for (const { setting, says, confirmedAt, confirmedBy, isDue } of known) {
        const since = confirmedAt ? `${minute(confirmedAt, timeZone)} by ${confirmedBy}` : 'never';
        terminal.say(`${setting}  ${isDue ? 'look in the Dashboard' : 'is so'}  confirmed ${since}  ${says}`);
      }
    }
  });
  return code;
}

export async function confirm(terminal: Terminal, words: string[], { reason }: { reason: string }): Promise<void> {
  await withDeps(terminal, async (deps) => {
    const chosen = words.length > 0 ? words.map(asStripeSetting) : settingsThatMatter(deps.policy.recovery);
    for (const setting of chosen) {
      await confirmSetting(setting, { actor: operator(), reason }, deps);
      terminal.say(`${setting}  is noted as confirmed, and asked again in 90 days`);
    }
  });
}
