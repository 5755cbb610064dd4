import type { OutageKind } from './outage-world.ts';

/** What the window says of it, with the evidence: since when, when it was confirmed, and by what. */
export const TOLD: Readonly<Record<OutageKind, Readonly<Record<'en' | 'de', RegExp>>>> = {
  stopped: {
    en: /^Mail server down since \d\d:\d\d, confirmed \d\d:\d\d:\d\d: .*connection (refused|lost)/u,
    de: /^Mailserver ausgefallen seit \d\d:\d\d, bestätigt \d\d:\d\d:\d\d: .*(Verbindung abgelehnt|Verbindung abgebrochen)/u,
  },
  blackhole: {
    en: /^Mail server down since \d\d:\d\d, confirmed \d\d:\d\d:\d\d: .*no answer/u,
    de: /^Mailserver ausgefallen seit \d\d:\d\d, bestätigt \d\d:\d\d:\d\d: .*keine Antwort/u,
  },
  'log-in refused': {
    en: /^Log-in refused by the mail server since \d\d:\d\d, confirmed \d\d:\d\d:\d\d: .*log-in refused/u,
    de: /^Anmeldung am Mailserver abgelehnt seit \d\d:\d\d, bestätigt \d\d:\d\d:\d\d: .*Anmeldung abgelehnt/u,
  },
};
