import { app } from 'electron';
import type { Profile } from './profile.ts';

/**
 * Settles what Chromium may write and reach. Must run before the app is ready: afterwards its folders are in use.
 */
export function confineChromium(profile: Profile): void {
  app.setPath('userData', profile.chromiumDir);
  app.setPath('sessionData', profile.chromiumDir);
  app.setPath('crashDumps', profile.chromiumDir);
  app.setAppLogsPath(profile.logsDir);
  // Only an unpackaged run can have this switch: as root, which Chromium refuses to sandbox.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  // The window needs no network at all, so no name may be resolved for it: neither a prefetch nor a bug gets out.
  app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND');
  app.commandLine.appendSwitch('disable-background-networking');
  app.commandLine.appendSwitch('disable-component-update');
  app.commandLine.appendSwitch('disable-domain-reliability');
  app.commandLine.appendSwitch('disable-sync');
  app.commandLine.appendSwitch('disable-features', 'HardwareMediaKeyHandling,MediaRouter,SpareRendererForSitePerProcess');
  app.commandLine.appendSwitch('force-webrtc-ip-handling-policy', 'disable_non_proxied_udp');
}
