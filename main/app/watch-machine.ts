import { networkInterfaces } from 'node:os';
import { net, powerMonitor } from 'electron';
import { networkAddresses } from './network-addresses.ts';

/** The app process gets no event for this, and asking costs next to nothing. */
const POLL_MS = 3_000;

export interface NetworkWatch {
  readonly isOnline: boolean;
  stop(): void;
}

/**
 * Tells when the machine loses all its network interfaces, when one is back, and when it is connected by another one, or to another network
 * (`hasMoved`): from the cable to the radio, into a tunnel or out of it. Call after ready.
 */
export function watchNetwork(tell: (online: boolean, hasMoved: boolean) => void): NetworkWatch {
  let isOnline = net.isOnline();
  let addresses = networkAddresses(networkInterfaces());
  const timer = setInterval(() => {
    const before = { isOnline, addresses };
    isOnline = net.isOnline();
    addresses = networkAddresses(networkInterfaces());
    if (isOnline !== before.isOnline || addresses !== before.addresses) tell(isOnline, addresses !== before.addresses);
  }, POLL_MS);
  return {
    get isOnline() {
      return isOnline;
    },
    stop: () => clearInterval(timer),
  };
}

/** Tells when the machine goes to sleep and wakes up. Call after ready. */
export function watchPower(tell: (suspended: boolean) => void): void {
  powerMonitor.on('suspend', () => tell(true));
  powerMonitor.on('resume', () => tell(false));
}
