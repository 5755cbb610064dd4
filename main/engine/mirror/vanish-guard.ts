import { limits } from '../../../shared/limits.ts';

/**
 * Whether so many messages are gone from a mailbox at once that it looks like an accident, an attack or a broken answer.
 * Such mail stays where it is for limits.massVanishHoldDays, and the person is told. Pure.
 */
export function isMassVanish(gone: number, knownBefore: number): boolean {
  return gone > limits.massVanishCount && gone > knownBefore * limits.massVanishShare;
}
