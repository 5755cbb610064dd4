import type { AlertWords } from '../alerts.ts';

const of = (account: string | null): string => (account === null ? '' : ` (${account})`);

export const alerts: AlertWords = {
  from: {
    primary: (account) => `Mitteilung des Mailservers${of(account)}:`,
    relay: (account) => `Mitteilung des Relays${of(account)}:`,
  },
  dismiss: 'Schließen',
  putBack: 'Zurücklegen',
  leaveIt: 'So lassen',
  isPutBack: (left) => (left === 0 ? 'Sie sind zurück.' : `Sie werden zurückgelegt, noch ${left}.`),
  showLost: 'Anzeigen',
};
