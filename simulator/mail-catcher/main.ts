import { Command, InvalidArgumentError } from 'commander';
import { addressOf } from '../core/server-address.ts';
import { door } from './door.ts';
import { Mails } from './mails.ts';
import { startSmtp } from './smtp.ts';

/** `npm run mail-catcher`: an SMTP server for demos and tests, and a page that shows what it caught. */
const port = (value: string): number => {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 0 || number > 65_535)
    throw new InvalidArgumentError('It must be a port.');
  return number;
};

const options = new Command('mail-catcher')
  .description(
    'Takes every mail over SMTP, delivers none, and shows them on a page. GET and DELETE /mails for programs.',
  )
  .option('--port <port>', 'port of the page; 0 takes a free one', port, 0)
  .option('--smtp-port <port>', 'port for mail; 0 takes a free one', port, 0)
  .option('--host <host>', 'address to listen on', '127.0.0.1')
  .parse()
  .opts<{ port: number; smtpPort: number; host: string }>();

function say(message: string, fields: object = {}): void {
  process.stdout.write(`${JSON.stringify({ level: 'info', message, role: 'mailcatcher', ...fields })}\n`);
}

const mails = new Mails();
const smtp = await startSmtp(options.host, options.smtpPort, mails);
const pages = door(mails, smtp);
await new Promise<void>((resolve, reject) => {
  pages.once('error', reject);
  pages.listen(options.port, options.host, resolve);
});
const { port: pagePort } = addressOf(pages);
say('ready', { url: `http://${options.host}:${pagePort}`, smtp: smtp.url });

let stopping = false;
const stop = async (signal: NodeJS.Signals): Promise<void> => {
  if (stopping) return;
  stopping = true;
  say('stopping', { signal });
  pages.close();
  pages.closeAllConnections();
  await smtp.close();
};
process.on('SIGTERM', (signal) => void stop(signal));
process.on('SIGINT', (signal) => void stop(signal));
