/** What is said of the messages outside of them. */
export const chat = {
  title: 'Messages',
  short: 'Messages',
  show: (unread: number) => (unread > 0 ? `Show messages, ${unread} unread` : 'Show messages'),
  hide: 'Hide messages',
  wrote: (who: string, text: string) => `${who} wrote: ${text}`,
  guarded: 'Contact details are held back until there is a contract.',
  lifted: 'The contract has begun: you may share contact details now.',
  blocked: 'Your message was not sent.',
};
