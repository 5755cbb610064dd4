import { net, powerMonitor } from 'electron';

/** The app process gets no event for this, and asking costs next to nothing. */
const POLL_MS = 3_000;

export interface NetworkWatch {
  readonly isOnline: boolean;
  stop(): void;
}

/** Tells when the machine loses all its network interfaces, and when one is back. Call after ready. */
export function watchNetwork(tell: (online: boolean) => void): NetworkWatch {
  let isOnline = net.isOnline();
  const timer = setInterval(() => {
    const now = net.isOnline();
    if (now === isOnline) return;
    isOnline = now;
    tell(now);
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
