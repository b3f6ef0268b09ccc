import { css } from 'lit';

/** The look of native controls, for every element that has some. */
export const controls = css`
  :host {
    box-sizing: border-box;
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
  p {
    margin: 0;
  }
  h1:focus {
    outline: none;
  }
  button,
  select,
  input {
    font: inherit;
    color: inherit;
  }
  button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: var(--s2);
    min-height: var(--target);
    padding: 0 var(--s4);
    border: 1px solid var(--line-strong);
    border-radius: var(--r2);
    background: var(--surface);
    cursor: pointer;
    transition: background-color var(--dur);
  }
  button:hover:not(:disabled) {
    background: var(--sunken);
  }
  button:disabled {
    cursor: default;
    opacity: 0.65;
  }
  button.primary {
    border-color: var(--accent);
    background: var(--accent);
    color: var(--accent-ink);
    font-weight: 600;
  }
  button.primary:hover:not(:disabled) {
    background: var(--accent-hover);
  }
  select,
  input {
    width: 100%;
    min-height: var(--target);
    padding: 0 var(--s3);
    border: 1px solid var(--line-strong);
    border-radius: var(--r1);
    background: var(--surface);
  }
  input[readonly] {
    border-color: var(--line);
    background: var(--sunken);
  }
  label {
    display: block;
    margin-bottom: var(--s1);
    font-size: var(--fs-0);
    font-weight: 600;
  }
  :focus-visible {
    outline: 3px solid var(--focus);
    outline-offset: 2px;
  }
  .hidden-text {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .note {
    padding: var(--s2) var(--s3);
    border-left: 4px solid var(--warn);
    border-radius: var(--r1);
    background: var(--warn-soft);
    color: var(--ink);
  }
`;
