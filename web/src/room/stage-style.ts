import { css } from 'lit';

/** The layouts of the stage: one other person large, several as a grid, or a screen with everybody beside it. */
export const stageStyle = css`
  :host {
    color-scheme: dark;
    --focus: var(--stage-focus);
    --line-strong: var(--stage-line);
    --surface: var(--stage-raised);
    --sunken: #2a333a;
    position: fixed;
    inset: 0;
    display: grid;
    grid-template-rows: auto auto minmax(0, 1fr) auto;
    grid-template-columns: minmax(0, 1fr);
    padding: 0 max(var(--s3), env(safe-area-inset-right)) env(safe-area-inset-bottom) max(var(--s3), env(safe-area-inset-left));
    background: var(--stage);
    color: var(--stage-ink);
  }
  header {
    display: flex;
    align-items: baseline;
    justify-content: space-between;
    gap: var(--s4);
    padding: var(--s2) var(--s1);
  }
  h1 {
    overflow: hidden;
    font-size: var(--fs-1);
    font-weight: 600;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  header h1 {
    flex: 1;
  }
  .clock {
    color: var(--stage-muted);
    font-variant-numeric: tabular-nums;
  }
  /* Written beside the pictures, where there is room; over them, where there is none. The
     bar stays, and so does what there is to say and to answer. */
  header {
    grid-row: 1;
  }
  .banners {
    grid-row: 2;
  }
  main {
    grid-row: 3;
  }
  parley-bar {
    grid-row: 4;
  }
  header,
  .banners,
  main,
  parley-bar {
    grid-column: 1;
  }
  .part {
    border: 1px solid var(--stage-line);
    border-radius: var(--r3);
    background: var(--stage-raised);
  }
  parley-chat,
  .part {
    z-index: 2;
    grid-row: 3;
    grid-column: 1 / -1;
    min-height: 0;
  }
  @media (min-width: 56rem) {
    :host([chatting]) {
      grid-template-columns: minmax(0, 1fr) 23rem;
      column-gap: var(--s3);
    }
    parley-chat,
    .part {
      grid-row: 1 / -1;
      grid-column: 2;
    }
  }
  .banners {
    display: grid;
    gap: var(--s1);
    justify-items: center;
  }
  .banner {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--s1) var(--s3);
    max-width: 56rem;
    margin-bottom: var(--s2);
    padding: var(--s2) var(--s3);
    border: 1px solid var(--stage-line);
    border-left: 4px solid var(--stage-warn);
    border-radius: var(--r1);
    background: var(--stage-raised);
  }
  .banner .more {
    color: var(--stage-muted);
  }
  main {
    position: relative;
    display: grid;
    min-height: 0;
    gap: var(--s3);
  }
  .others {
    display: grid;
    min-height: 0;
    min-width: 0;
    gap: var(--s3);
  }
  .waiting {
    display: grid;
    align-content: center;
    justify-items: center;
    gap: var(--s2);
    padding: var(--s4);
    border: 1px dashed var(--stage-line);
    border-radius: var(--r3);
    color: var(--stage-muted);
    text-align: center;
  }
  .large {
    color: var(--stage-ink);
    font-size: var(--fs-2);
  }
  .two .self {
    position: absolute;
    right: var(--s3);
    bottom: var(--s3);
    width: clamp(7.5rem, 22%, 16rem);
    aspect-ratio: 16 / 9;
    box-shadow: 0 0 0 2px var(--stage);
  }
  /* What stands under the other's picture ends where one's own begins, or is below it. */
  .two .person {
    --label-room: calc(clamp(7.5rem, 22%, 16rem) + var(--s2));
  }
  @media (max-width: 36rem) {
    .two .self {
      bottom: calc(var(--s3) + 2.25rem);
    }
    /* Wide enough for the words. */
    .two .self[paused] {
      width: 13rem;
    }
    .two .person {
      --label-room: 0px;
    }
  }
  .many .others {
    grid-auto-rows: minmax(0, 1fr);
    grid-template-columns: repeat(2, minmax(0, 1fr));
  }
  .many [pinned] {
    grid-column: 1 / -1;
    grid-row: span 2;
  }
  .many[data-people='3'] .self {
    grid-column: 1 / -1;
    justify-self: center;
    width: calc(50% - var(--s3) / 2);
  }
  @media (min-width: 60rem) {
    .many[data-people='5'] .others,
    .many[data-people='6'] .others {
      grid-template-columns: repeat(3, minmax(0, 1fr));
    }
    .many[data-people='7'] .others,
    .many[data-people='8'] .others,
    .many[data-people='9'] .others {
      grid-template-columns: repeat(3, minmax(0, 1fr));
    }
  }
  /* A phone on its side: what there is to say shares a line with who is here, and six people fit. */
  @media (orientation: landscape) and (max-height: 30rem) {
    :host {
      grid-template-rows: auto minmax(0, 1fr) auto;
      grid-template-columns: minmax(0, 1fr) auto;
    }
    header {
      gap: var(--s3);
      padding: var(--s1);
    }
    .banners {
      display: flex;
      max-width: 70vw;
      overflow-x: auto;
      font-size: var(--fs-0);
    }
    .banner {
      flex: none;
      flex-wrap: nowrap;
      max-width: none;
      white-space: nowrap;
      margin: var(--s1) 0;
      padding: 2px var(--s2);
    }
    .banner button {
      min-height: 2rem;
      padding: 0 var(--s2);
    }
    .banners {
      grid-row: 1;
      grid-column: 2;
    }
    main {
      grid-row: 2;
    }
    parley-bar {
      grid-row: 3;
    }
    main,
    parley-bar {
      grid-column: 1 / -1;
    }
    :host([chatting]) {
      grid-template-columns: minmax(0, 1fr) auto;
    }
    parley-chat,
    .part {
      grid-row: 2;
      grid-column: 1 / -1;
    }
    main,
    .others {
      gap: var(--s2);
    }
    .many[data-people='5'] .others,
    .many[data-people='6'] .others {
      grid-template-columns: repeat(3, minmax(0, 1fr));
    }
    .many[data-people='7'] .others,
    .many[data-people='8'] .others,
    .many[data-people='9'] .others {
      grid-template-columns: repeat(5, minmax(0, 1fr));
    }
    .many[data-people='3'] .others {
      grid-template-columns: repeat(3, minmax(0, 1fr));
    }
    .many[data-people='3'] .self {
      grid-column: auto;
      width: 100%;
    }
  }
  @media (orientation: portrait) {
    .many[data-people='3'] .others {
      grid-template-columns: minmax(0, 1fr);
    }
    .many[data-people='3'] .self {
      width: 100%;
    }
  }
  .screen {
    grid-template-columns: minmax(0, 1fr) clamp(8rem, 18%, 15rem);
  }
  .screen .others {
    align-content: start;
    grid-auto-rows: min-content;
    overflow-y: auto;
  }
  .screen .others parley-tile {
    aspect-ratio: 16 / 9;
  }
  @media (orientation: portrait) {
    .screen {
      grid-template-columns: minmax(0, 1fr);
      grid-template-rows: minmax(0, 1fr) auto;
    }
    .screen .others {
      grid-auto-columns: 9rem;
      grid-auto-flow: column;
      overflow: auto hidden;
    }
  }
`;
