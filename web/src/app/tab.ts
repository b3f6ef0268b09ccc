/**
 * Opens a tab that leads where the backend says, and resolves to what went wrong in a sentence, or to ''. The tab opens
 * with the press, before the backend answers: later no browser would let it.
 */
export async function openTab(ask: () => Promise<{ url: string }>): Promise<string> {
  const tab = window.open('', '_blank');
  if (!tab) return 'Your browser did not let a tab open. Allow it for this page, then try again.';
  tab.opener = null;
  try {
    tab.location.replace((await ask()).url);
    return '';
  } catch (error) {
    tab.close();
    return (error as Error).message;
  }
}
