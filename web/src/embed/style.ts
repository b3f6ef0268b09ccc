/** The button's own look. Hosts restyle it through the custom properties and parts named in docs/embedding.md. */
export const style = `
:host {
  display: inline-flex; flex-direction: column; align-items: flex-start; max-width: 100%;
  font: var(--parley-font, inherit);
  --parley-i-background: var(--parley-background, light-dark(#00656e, #64cacf));
  --parley-i-color: var(--parley-color, light-dark(#fff, #0c1316));
}
:host([hidden]) { display: none }
[part=group] { display: flex; flex-wrap: wrap; gap: var(--parley-gap, 8px); max-width: 100% }
[hidden] { display: none !important }
button, a {
  box-sizing: border-box; display: inline-flex; align-items: center; justify-content: center; gap: 8px;
  min-height: var(--parley-height, 44px); min-width: var(--parley-height, 44px); max-width: 100%;
  margin: 0; padding: 8px var(--parley-padding, 16px);
  border: 1px solid var(--parley-border-color, var(--parley-i-background));
  border-radius: var(--parley-radius, 10px);
  background: var(--parley-i-background); color: var(--parley-i-color);
  font: inherit; font-weight: 600; line-height: 1.25; text-align: start; text-decoration: none; cursor: pointer;
}
button.quiet {
  background: var(--parley-quiet-background, transparent);
  color: var(--parley-quiet-color, light-dark(#00656e, #64cacf));
}
button:hover:not(:disabled, [aria-disabled=true]), a:hover { text-decoration: underline; text-underline-offset: 3px }
:is(button, a):focus-visible { outline: 3px solid var(--parley-focus, light-dark(#1f68bc, #78d0ff)); outline-offset: 2px }
button:disabled { opacity: .6; cursor: not-allowed }
button[aria-disabled=true] { cursor: progress }
svg { flex: none; width: 20px; height: 20px }
button span { overflow-wrap: anywhere }
:host([compact]) button.start { padding: 8px }
:host([compact]) button.start span {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
[part=message] { margin: 0; max-width: 36ch; font-weight: 400; color: var(--parley-error-color, light-dark(#b02b27, #ff9c94)) }
[part=message]:not(:empty) { margin-block-start: 6px }
@media (forced-colors: active) { button:disabled { color: GrayText; border-color: GrayText } }
`;
