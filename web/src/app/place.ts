/** Where in the app the page is: who one is, and which thread is open. It lives in the address. */
export interface Place {
  as: string;
  thread: string;
}

export function placeOf(search: string): Place {
  const query = new URLSearchParams(search);
  return { as: query.get('as') ?? '', thread: query.get('thread') ?? '' };
}

export function addressOf({ as, thread }: Place): string {
  const query = new URLSearchParams({ as, ...(thread ? { thread } : {}) });
  return `/?${query}`;
}

/** The detail of `open-thread`: the thread to show, or none, and whether the person is about to write. */
export interface OpenThread {
  thread: string;
  write: boolean;
}
