import { css } from 'lit';

/** A page that is one card in the middle of the window. */
export const cardStyle = css`
  :host {
    display: grid;
    min-height: 100dvh;
    padding: var(--s5) var(--s4);
    place-items: center;
  }
  main {
    display: grid;
    gap: var(--s4);
    width: min(30rem, 100%);
    padding: var(--s5);
    border: 1px solid var(--line);
    border-radius: var(--r3);
    background: var(--surface);
  }
  h1 {
    font-size: var(--fs-3);
    line-height: 1.2;
  }
  .hint {
    color: var(--ink-muted);
  }
`;
