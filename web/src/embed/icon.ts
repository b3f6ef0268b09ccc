import type { Mode } from './interview.js';

/** Outlines on a 24-unit square, drawn with the text's own colour. */
const outlines: Record<Mode, string> = {
  video: 'M3 7.5A1.5 1.5 0 0 1 4.5 6h9A1.5 1.5 0 0 1 15 7.5v9a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 3 16.5zM15 10.5l6-3.5v10l-6-3.5z',
  audio: 'M6.5 3.5h3l1.5 4.5-2 1.5a12 12 0 0 0 5.5 5.5l1.5-2 4.5 1.5v3a2 2 0 0 1-2.200 2A17 17 0 0 1 4.5 5.700a2 2 0 0 1 2-2.200z',
  zoom: 'M14 4h6v6M20 4l-9 9M18 14v4.500a1.500 1.500 0 0 1-1.500 1.500h-11A1.500 1.500 0 0 1 4 18.500v-11A1.500 1.500 0 0 1 5.500 6H10',
};

/** Makes the picture of a mode. It is decoration: the button's text says the same. */
export function icon(mode: Mode): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const picture = document.createElementNS(space, 'svg');
  const attributes = {
    viewBox: '0 0 24 24',
    fill: 'none',
    stroke: 'currentColor',
    'stroke-width': '2',
    'stroke-linejoin': 'round',
    'aria-hidden': 'true',
  };
  for (const [name, value] of Object.entries(attributes)) picture.setAttribute(name, value);
  const outline = document.createElementNS(space, 'path');
  outline.setAttribute('d', outlines[mode]);
  picture.append(outline);
  return picture;
}
