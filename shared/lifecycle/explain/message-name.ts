/** What a person would call a message. */
import { type MessageKey, parseKey } from '../customer/message-key.ts';

/** "Recovery, status, round 2" */
export function messageName({ programme, step, round }: Pick<MessageKey, 'programme' | 'step' | 'round'>): string {
  const name = `${capital(programme)}, ${step.replaceAll('-', ' ')}`;
  return round > 0 ? `${name}, round ${round}` : name;
}

/** The name of the message with this key; text that is no key stands for itself. */
export function nameOf(key: string): string {
  const parts = parseKey(key);
  return parts === undefined ? key : messageName(parts);
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
