import { powerMonitor } from 'electron';

/** Tells when the machine goes to sleep and wakes up. Call after ready. */
export function watchPower(tell: (suspended: boolean) => void): void {
  powerMonitor.on('suspend', () => tell(true));
  powerMonitor.on('resume', () => tell(false));
}
