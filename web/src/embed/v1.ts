/**
 * The module that hosts load from `/embed/v1.js`. Loading it is all there is to do. It may be loaded twice, and by a
 * server that renders pages, where it does nothing: people see the element's light content until a browser takes over.
 */
import { register } from './call-button.js';

register();
