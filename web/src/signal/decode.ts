import type { ServerMessage } from './wire.js';

/** The fields without which a message of each type means nothing, and what they must be. */
const REQUIRED: { [T in ServerMessage['type']]: Record<string, 'string' | 'number' | 'boolean' | 'object' | 'array'> } = {
  welcome: {
    session: 'string',
    resume: 'string',
    interview: 'object',
    you: 'object',
    may: 'array',
    seats: 'number',
    participants: 'array',
    seating: 'array',
    ice_servers: 'array',
    ping_ms: 'number',
  },
  ice_servers: { ice_servers: 'array' },
  answer: { id: 'number', sdp: 'string' },
  entered: { participants: 'array', seating: 'array', interview: 'object' },
  participant: { change: 'string', participant: 'object' },
  seat: { place: 'string', seat: 'number', participant: 'string' },
  publish: { participant: 'string', source: 'string', on: 'boolean' },
  speaking: { participant: 'string', on: 'boolean' },
  layers: { source: 'string', rids: 'array' },
  paused: { place: 'string', seat: 'number', on: 'boolean' },
  jam: { on: 'boolean', kbps: 'number' },
  quality: { participant: 'string', up: 'object', down: 'object', cause: 'string' },
  chat: { message: 'object' },
  receipt: { ref: 'string', action: 'string', findings: 'array' },
  file: { ref: 'string', state: 'string' },
  history: { before: 'number', messages: 'array', more: 'boolean', guarded: 'boolean', may_write: 'boolean', appeals: 'array' },
  guard: { active: 'boolean' },
  appeal: { decision: 'string', state: 'string', at: 'string' },
  complaint: { ref: 'string', id: 'string' },
  media: { state: 'string' },
  zoom: { status: 'object' },
  interview: { interview: 'object' },
  recording: { change: 'string', interview: 'object' },
  ended: { interview: 'object' },
  going_away: { retry_ms: 'number' },
  pong: { n: 'number' },
  error: { code: 'string', message: 'string', fatal: 'boolean' },
};

/**
 * Reads one message from the server. Messages of a type this page does not know, and ones that lack what their type
 * needs, give undefined: a newer server may say more than an older page understands.
 */
export function decode(text: string): ServerMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || typeof value['type'] !== 'string' || !Object.hasOwn(REQUIRED, value['type'])) return undefined;
  const required = REQUIRED[value['type'] as ServerMessage['type']];
  for (const [name, kind] of Object.entries(required)) {
    const field = value[name];
    const fits = kind === 'array' ? Array.isArray(field) : kind === 'object' ? isRecord(field) : typeof field === kind;
    if (!fits) return undefined;
  }
  return value as unknown as ServerMessage;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
