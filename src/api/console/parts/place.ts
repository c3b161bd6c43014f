import { createContext } from 'preact';

/** Where a page of the console is shown: what its parts need to know without being handed it. */
export interface Place {
  /** Of the business, for every moment that a page shows. */
  readonly timeZone: string;
  /** The address of this room, to which those of its forms are added. */
  readonly address: string;
  /** The room in which an id is shown; undefined for ids of other kinds. */
  readonly addressOf: (id: string) => string | undefined;
  /** The form that was sent and came back, so that nothing that was typed there gets lost. */
  readonly sent: Sent | undefined;
}

export interface Sent {
  /** The path of the form, below that of its room. */
  readonly path: string;
  /** A field as it was typed; empty when it was not sent. */
  readonly text: (name: string) => string;
}

export const PlaceContext = createContext<Place>({
  timeZone: 'UTC',
  address: '/console',
  addressOf: () => undefined,
  sent: undefined,
});
