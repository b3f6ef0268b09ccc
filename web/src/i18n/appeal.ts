import type { Appeal } from '../signal/wire.js';

/** Why an appeal was not taken, by the code of the refusal. */
const REFUSED: Record<string, string> = {
  already_contested: 'This was contested before, and it stays held back.',
  too_many_appeals: 'You have contested as much as one may for now. Wait until something of it is decided.',
  not_found: 'It is too late to contest this.',
  too_fast: 'That was a lot at once. Wait a moment.',
};

/** The words of contesting what was held back, here and in the host app. */
export const appeal = {
  begin: 'This is not a contact detail',
  words: 'What is it? Those who decide read your words, not your message.',
  send: 'Contest it',
  cancel: 'Cancel',
  sending: 'Sending…',
  state: (state: Appeal['state']) =>
    ({
      open: 'You contested this. The people who run this service look at it, and you are told here.',
      upheld: 'You were right: it is not held back any more.',
      dismissed: 'The people who run this service looked at it. It stays held back until there is a contract.',
    })[state],
  decided: (clock: string, state: 'upheld' | 'dismissed') =>
    state === 'upheld'
      ? `At ${clock}: what you contested is not held back any more. You can write it again.`
      : `At ${clock}: what you contested was looked at, and stays held back until there is a contract.`,
  again: 'Send it now',
  refused: (code: string) => REFUSED[code] ?? 'It could not be contested. Try again in a moment.',
};
