/** What the guard found, in words that follow "It has". */
const FOUND: Record<string, string> = {
  email: 'an e-mail address',
  phone: 'a telephone number',
  handle: 'a name on another service',
  link: 'a link to contact details',
  ask: 'a request for contact details',
  reward_offer: 'something offered for winning the contract',
  too_long: 'too much text to look through',
};

export const found = (categories: readonly string[]): string =>
  new Intl.ListFormat('en', { type: 'conjunction' }).format([...new Set(categories)].map((c) => FOUND[c] ?? 'contact details'));

/** The words of the panel of messages, which are loaded with it. */
export const messages = {
  none: 'Nothing has been written yet. What you write here stays in your message thread.',
  readOnly: 'Observers can read, and not write.',
  write: 'Write a message',
  send: 'Send',
  older: 'Show earlier messages',
  you: 'You',
  sending: 'Sending…',
  why: (categories: readonly string[]) => `Not sent: it has ${found(categories)}. Share contact details once there is a contract.`,
  masked: (categories: readonly string[]) => `Taken out: ${found(categories)}. It can be shared once there is a contract.`,
  nudged: (categories: readonly string[]) => `Sent. Please keep in mind: it seems to have ${found(categories)}.`,
  reward: 'Nothing may be offered for winning the contract. A bonus for good work is fine later.',
  edit: 'Edit',
  discard: 'Discard',
  again: 'Send again',
  refused: (code: string) =>
    ({
      too_fast: 'Not sent: that was a lot at once. Wait a moment.',
      thread_full: 'Not sent: this thread holds as many messages as it can.',
      invalid_message: 'Not sent: a message has to be plain text of at most 4,000 characters.',
      not_allowed: 'Not sent: you may only read here.',
    })[code] ?? 'Not sent: something went wrong.',
};
