import type { RoomPage } from './room.ts';

/** For addresses that lead to nothing, and for what a viewer may not do. */
export function nothing(sentence: string): RoomPage {
  return { title: 'Nothing to see here', body: <p>{sentence}</p> };
}
