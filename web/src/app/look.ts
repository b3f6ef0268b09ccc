import { css } from 'lit';

/** What every part of the app shares: the page's own tokens carry the colours, see ui/tokens.css. */
export const look = css`
  :host {
    box-sizing: border-box;
    color: var(--ink);
  }
  *,
  *::before,
  *::after {
    box-sizing: inherit;
  }
  [hidden] {
    display: none !important;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  ol {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  a {
    color: var(--accent);
    text-underline-offset: 3px;
  }
  button,
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    min-height: var(--target);
    margin: 0;
    padding: var(--s2) var(--s4);
    border: 1px solid var(--accent);
    border-radius: var(--r2);
    background: var(--accent);
    color: var(--accent-ink);
    font: inherit;
    font-weight: 600;
    text-decoration: none;
    cursor: pointer;
  }
  .quiet {
    background: transparent;
    color: var(--accent);
  }
  button:hover:not(:disabled),
  .button:hover {
    text-decoration: underline;
    text-underline-offset: 3px;
  }
  button[aria-disabled='true'] {
    cursor: progress;
  }
  :focus-visible {
    outline: 3px solid var(--focus);
    outline-offset: 2px;
  }
  .muted {
    color: var(--ink-muted);
    font-size: var(--fs-0);
  }
  .error {
    color: var(--danger);
  }
`;
