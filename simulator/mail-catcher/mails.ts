import { headerOf, type ReadMail, readMail } from './read-mail.ts';

/** The mails that were caught, in memory, the newest last. */
export interface CaughtMail extends ReadMail {
  readonly id: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Whom the SMTP dialogue named, whatever the headers say. */
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  readonly message_id: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  /** Bytes. */
  readonly size: number;
}

const MOST = 1_000;

export class Mails {
  readonly #mails: CaughtMail[] = [];
  #last = 0;

  keep(raw: Buffer, envelope: CaughtMail['envelope']): CaughtMail {
    const read = readMail(raw);
    const header = (name: string) => headerOf(read.headers, name) ?? '';
    this.#last += 1;
    const mail: CaughtMail = {
      id: this.#last,
      at: new Date().toISOString(),
      envelope,
      message_id: header('message-id'),
      from: header('from'),
      to: header('to'),
      subject: header('subject'),
      size: raw.length,
      ...read,
    };
    this.#mails.push(mail);
    if (this.#mails.length > MOST) this.#mails.shift();
    return mail;
  }

  all(): readonly CaughtMail[] {
    return this.#mails;
  }

  find(id: number): CaughtMail | undefined {
    return this.#mails.find((mail) => mail.id === id);
  }

  clear(): void {
    this.#mails.length = 0;
  }
}
