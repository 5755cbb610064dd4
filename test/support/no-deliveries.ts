import type { DeliverySource } from '../../main/engine/continuity/delivery-watch.ts';

/** No mail of the relay is known: nothing is said about delivery. */
export const noDeliveries: DeliverySource = {
  since: () => [],
  look: () => Promise.resolve({ found: new Set(), isWhole: true }),
  wake: () => undefined,
};
