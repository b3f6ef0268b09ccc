import { html, svg, type SVGTemplateResult, type TemplateResult } from 'lit';

const shapes = {
  chat: svg`<path d="M4 5.500h16v11H11l-4.500 4v-4H4z"/>`,
  flag: svg`<path d="M6 21V4m0 .500c4-2 7 2 12 0v9c-5 2-8-2-12 0"/>`,
  close: svg`<path d="m6 6 12 12M18 6 6 18"/>`,
  attach: svg`<path d="m19.500 11.500-7.600 7.600a4.700 4.700 0 0 1-6.600-6.600l8.200-8.200a3.100 3.100 0 0 1 4.400 4.400l-8.200 8.200a1.600 1.600 0 0 1-2.200-2.200l7-7"/>`,
  file: svg`<path d="M6 3h8l4 4v14H6zM14 3v4h4"/>`,
  send: svg`<path d="M4 12 20 4l-4.500 16-4-6.500zM20 4l-8.500 9.500"/>`,
  pin: svg`<path d="M9 3h6l-1 6 4 4v2H6v-2l4-4zM12 15v6"/>`,
  'signal-good': svg`<path d="M5 19v-4M10 19v-8M15 19V8M20 19V4"/>`,
  'signal-weak': svg`<path d="M5 19v-4M10 19v-1.500M14 5v5M14 13.500v.100"/>`,
  mic: svg`<rect x="9" y="3" width="6" height="11" rx="3"/><path d="M5 11a7 7 0 0 0 14 0M12 18v3"/>`,
  'mic-off': svg`<path d="M9 9v2a3 3 0 0 0 4.6 2.5M15 10.5V6a3 3 0 0 0-5.7-1.3M5 11a7 7 0 0 0 10.8 5.9M19 11a7 7 0 0 1-.7 3M12 18v3M3 3l18 18"/>`,
  camera: svg`<rect x="2.5" y="6" width="13" height="12" rx="2.5"/><path d="m15.5 11 6-3.5v9l-6-3.5"/>`,
  'camera-off': svg`<path d="M10.5 6H13a2.5 2.5 0 0 1 2.5 2.5V11l6-3.5v9l-2-1.2M15.3 15.6A2.5 2.5 0 0 1 13 18H5a2.5 2.5 0 0 1-2.5-2.5v-7A2.5 2.5 0 0 1 5 6M3 3l18 18"/>`,
  screen: svg`<rect x="2.5" y="4" width="19" height="13" rx="2.5"/><path d="M12 14V8m-3 2.5L12 7.5l3 3M8 21h8"/>`,
  'screen-off': svg`<rect x="2.5" y="4" width="19" height="13" rx="2.5"/><path d="m9.5 8 5 5m0-5-5 5M8 21h8"/>`,
  leave: svg`<path d="M4 14.5c-1-1-1-3 .5-4 4-2.7 11-2.7 15 0 1.500 1 1.500 3 .5 4l-1 1c-.4.4-1 .4-1.500.2L15 14.500c-.5-.2-.8-.7-.8-1.200V12a12 12 0 0 0-4.400 0v1.300c0 .5-.3 1-.8 1.200l-2.500 1.200c-.5.2-1.100.2-1.500-.2Z"/>`,
  devices: svg`<path d="M4 7h9m4 0h3M4 17h3m4 0h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>`,
  sound: svg`<path d="M4 9.500v5h3.500L12 18V6L7.500 9.500zM15.500 9a4 4 0 0 1 0 6M18 6.500a8 8 0 0 1 0 11"/>`,
  record: svg`<circle cx="12" cy="12" r="8.500"/><circle cx="12" cy="12" r="4" fill="currentColor"/>`,
  people: svg`<circle cx="9" cy="8" r="3.500"/><path d="M2.500 20a6.500 6.500 0 0 1 13 0M16 5a3.500 3.500 0 0 1 0 6.500M18 14.500a6.500 6.500 0 0 1 3.500 5.500"/>`,
} satisfies Record<string, SVGTemplateResult>;

export type IconName = keyof typeof shapes;

/** A picture beside words; it is never the only name of a control. */
export function icon(name: IconName): TemplateResult {
  return html`<svg
    viewBox="0 0 24 24"
    width="24"
    height="24"
    fill="none"
    stroke="currentColor"
    stroke-width="1.8"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
    focusable="false"
  >
    ${shapes[name]}
  </svg>`;
}
