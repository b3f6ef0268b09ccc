import { en } from '../i18n/en.js';
import type { State } from './state.js';

/** What is wrong with sound and picture, in a sentence, or nothing. */
export function mediaNote({ transport, blocked }: State): string {
  if (transport.state === 'refused') return en.connection.refused;
  if (blocked.length > 0) return en.blocked.short;
  if (transport.failures > 1) return en.connection.stillFailing;
  if (transport.state === 'failed') return en.connection.failed;
  if (transport.state === 'interrupted') return en.connection.interrupted;
  return '';
}
