import { css } from 'lit';

/** The panel of messages, on the room's dark ground. */
export const chatStyle = css`
  :host {
    display: block;
    background: var(--stage);
    color: var(--stage-ink);
  }
  section {
    display: grid;
    grid-template-rows: auto auto minmax(0, 1fr) auto;
    gap: var(--s2);
    height: 100%;
    padding: var(--s3);
    border: 1px solid var(--stage-line);
    border-radius: var(--r3);
    background: var(--stage-raised);
  }
  header {
    display: flex;
    align-items: center;
    justify-content: space-between;
  }
  h2 {
    font-size: var(--fs-1);
  }
  h2:focus {
    outline: none;
  }
  .close {
    min-width: var(--target);
    padding: 0;
    border-color: transparent;
    background: transparent;
  }
  .guard {
    grid-row: 2;
    padding: var(--s2) var(--s3);
    border-left: 4px solid var(--stage-warn);
    border-radius: var(--r1);
    background: var(--stage);
    font-size: var(--fs-0);
  }
  .lifted {
    border-color: var(--stage-ok);
  }
  .log {
    grid-row: 3;
    overflow-y: auto;
    overscroll-behavior: contain;
    margin: 0 calc(-1 * var(--s1));
    padding: var(--s1);
  }
  .older {
    display: flex;
    margin: 0 auto var(--s3);
  }
  ol {
    display: grid;
    gap: var(--s3);
    margin: 0;
    padding: 0;
    list-style: none;
  }
  li {
    display: grid;
    gap: 2px;
    justify-items: start;
    justify-self: start;
    max-width: 92%;
  }
  .own {
    justify-items: end;
    justify-self: end;
  }
  .muted,
  .who,
  .hint {
    color: var(--stage-muted);
    font-size: var(--fs-0);
  }
  .who b {
    color: var(--stage-ink);
    font-weight: 600;
  }
  .text {
    padding: var(--s2) var(--s3);
    border: 1px solid var(--stage-line);
    border-radius: var(--r2);
    background: var(--stage);
    overflow-wrap: anywhere;
    white-space: pre-wrap;
  }
  .own .text {
    border-color: transparent;
    background: #17393d;
  }
  .own .text.sending {
    border-color: var(--stage-line);
    border-style: dashed;
  }
  .own .text.blocked,
  .own .text.refused {
    border-color: var(--stage-warn);
    background: #2c2415;
  }
  mark {
    border-radius: 3px;
    background: var(--stage-warn);
    color: var(--stage);
  }
  .own .hint {
    text-align: end;
  }
  .choices {
    display: flex;
    flex-wrap: wrap;
    justify-content: end;
    gap: var(--s2);
    margin-top: var(--s1);
  }
  .file {
    display: inline-flex;
    gap: var(--s2);
    align-items: center;
    min-height: 24px;
    color: var(--stage-accent);
  }
  .file svg {
    flex: none;
  }
  .size {
    color: var(--stage-muted);
    font-size: var(--fs-0);
  }
  .over {
    outline: 3px dashed var(--stage-accent);
    outline-offset: -6px;
  }
  .drop {
    grid-row: 4;
    align-self: end;
    padding: var(--s2);
    border-radius: var(--r1);
    background: var(--stage);
    text-align: center;
  }
  .attach {
    min-width: var(--target);
    padding: 0;
    border-color: transparent;
    background: transparent;
  }
  .write {
    display: grid;
    grid-row: 5;
    gap: var(--s2);
  }
  form {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto auto;
    gap: var(--s2);
    align-items: end;
  }
  section > .muted {
    grid-row: 4;
  }
  textarea {
    width: 100%;
    min-height: var(--target);
    max-height: 9rem;
    padding: var(--s2) var(--s3);
    border: 1px solid #7c868c;
    border-radius: var(--r2);
    background: var(--stage);
    color: inherit;
    font: inherit;
    resize: none;
    field-sizing: content;
  }
  textarea::placeholder {
    color: var(--stage-muted);
    opacity: 1;
  }
  form button.primary {
    min-width: var(--target);
    padding: 0;
    border-color: var(--stage-accent);
    background: var(--stage-accent);
    color: var(--stage);
  }
  @media (max-height: 30rem) {
    section {
      gap: var(--s1);
      padding: var(--s2);
    }
  }
`;
