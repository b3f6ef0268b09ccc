import { css } from 'lit';

/** What a dialog over the stage looks like. How wide it gets is its own. */
export const dialogStyle = css`
  dialog {
    max-height: calc(100dvh - 2 * var(--s4));
    padding: var(--s5);
    border: 1px solid var(--stage-line);
    border-radius: var(--r3);
    background: var(--stage-raised);
    color: var(--stage-ink);
  }
  dialog::backdrop {
    background: rgb(0 0 0 / 55%);
  }
  h2 {
    font-size: var(--fs-2);
  }
`;
