/** A thread of the app in the form in which `<parley-thread>` takes it. */
import type { Message } from '../embed/thread-words.js';
import type { Name, Thread } from './state.js';

export function messagesOf(thread: Thread, me: Name): Message[] {
  return thread.items.flatMap((item) =>
    item.kind === 'message' ? [{ ...item, from: item.from === me.id ? me : thread.with }] : [],
  );
}
