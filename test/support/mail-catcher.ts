import { z } from 'zod';
import { type Running, startProgram } from '../../bin/lib/processes.ts';
import { releaseAfterFile } from './clean-up.ts';
import { testRun, uniqueName } from './run.ts';

/** A real SMTP server whose mails a test can look at, and which can be told to refuse or to hang. */
export type MailCatcher = {
  running: Running;
  /** For SMTP_URL. */
  smtp: string;
  mails(): Promise<CaughtMail[]>;
  clear(): Promise<void>;
  behave(answer: 'accept' | 'temporary' | 'permanent' | 'hang', at?: 'greeting' | 'recipient' | 'data'): Promise<void>;
};

const caughtMail = z.object({
  id: z.number(),
  message_id: z.string(),
  from: z.string(),
  to: z.string(),
  subject: z.string(),
  envelope: z.object({ from: z.string(), to: z.array(z.string()) }),
  text: z.string().nullable(),
  html: z.string().nullable(),
  headers: z.array(z.tuple([z.string(), z.string()])),
});
export type CaughtMail = z.output<typeof caughtMail>;

const caught = z.object({ mails: z.array(caughtMail) });
const readyLine = z.object({ message: z.literal('ready'), smtp: z.string() });

/** @param smtpPort where an earlier one listened; default a free port */
export async function startMailCatcher({ smtpPort = 0 } = {}): Promise<MailCatcher> {
  const running = await startProgram(testRun(), {
    name: uniqueName('mail-catcher'),
    file: 'dist/simulator/mail-catcher/main.js',
    words: ['--smtp-port', String(smtpPort)],
  });
  releaseAfterFile(() => running.stop());
  const line = running
    .logs()
    .split('\n')
    .find((text) => text.includes('"ready"'));
  const { smtp } = readyLine.parse(JSON.parse(line ?? ''));

  async function ask(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await fetch(`${running.url}${path}`, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }
  return {
    running,
    smtp,
    mails: async () => caught.parse(await ask('GET', '/mails')).mails,
    clear: async () => void (await ask('DELETE', '/mails')),
    behave: async (answer, at = 'recipient') => void (await ask('PUT', '/behaviour', { answer, at })),
  };
}
