/** The thread's own look, from 280 pixels on. */
export const threadStyle = `
:host { display: grid; gap: 12px; min-width: 0; font: var(--parley-font, inherit) }
:host([hidden]), [hidden] { display: none !important }
p, ol { margin: 0; padding: 0; list-style: none }
[part=log] { max-height: 20rem; overflow-y: auto; overscroll-behavior: contain; padding: 2px }
:is([part=log], textarea, button, a):focus-visible { outline: 3px solid var(--parley-focus, light-dark(#1f68bc, #78d0ff)); outline-offset: 1px }
ol { display: grid; gap: 10px }
li { justify-self: start; max-width: 92%; min-width: 0 }
.own { justify-self: end }
.own > :first-child { text-align: end }
.card { justify-self: stretch; max-width: none; padding: 8px 12px; overflow-wrap: anywhere; border: 1px solid var(--parley-border-color, light-dark(#8a949a, #7c868c)); border-radius: 10px }
time, .size, .note { font-size: .875em; color: var(--parley-muted-color, light-dark(#4d5a61, #a4acb1)) }
.card.open { border: 2px solid var(--parley-quiet-color, light-dark(#00656e, #64cacf)) }
.text { padding: 8px 12px; border: 1px solid var(--parley-border-color, light-dark(#8a949a, #7c868c)); border-radius: 10px; white-space: pre-wrap; overflow-wrap: anywhere }
a { overflow-wrap: anywhere; color: var(--parley-quiet-color, light-dark(#00656e, #64cacf)) }
form { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 8px; align-items: end }
[role=alert] { grid-column: 1 / -1; color: var(--parley-error-color, light-dark(#b02b27, #ff9c94)) }
textarea, button { box-sizing: border-box; min-height: 44px; padding: 8px 12px; border: 1px solid light-dark(#6d777d, #7c868c); border-radius: 10px; background: transparent; color: inherit; font: inherit }
textarea { width: 100%; resize: vertical }
button { font-weight: 600; cursor: pointer }
`;
