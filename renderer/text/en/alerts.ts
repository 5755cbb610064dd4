const of = (account: string | null): string => (account === null ? '' : ` (${account})`);

export const alerts = {
  from: {
    primary: (account: string | null): string => `Message from the mail server${of(account)}:`,
    relay: (account: string | null): string => `Message from the relay${of(account)}:`,
  },
  dismiss: 'Dismiss',
  putBack: 'Put it back',
  leaveIt: 'Leave it so',
  isPutBack: (left: number): string => (left === 0 ? 'It is back.' : `It is being put back, ${left} left.`),
  showLost: 'Show',
};
