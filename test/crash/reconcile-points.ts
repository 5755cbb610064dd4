/** Where the process of a scenario has to be killed. */
export interface ReconcilePlaces {
  /** Durable steps that a run of it passes. */
  readonly steps: readonly string[];
  /** One of them by chance in the sample, where they do not come right after the transactions. */
  readonly isSampled?: boolean;
  /** In the sample it runs only to be killed; a chain that does not come to each of its places says so. */
  readonly isChainOnly?: boolean;
  /** Transactions, each of them. */
  readonly commits: readonly string[];
}

/** By scenario. */
export const reconcilePlaces = {
  carry: {
    steps: ['reconcile.planned', 'reconcile.append-noted'],
    commits: [
      ...['continuity.control', 'continuity.mode', 'reconcile.gather', 'reconcile.plan', 'reconcile.move', 'reconcile.claim'],
      ...['reconcile.append-note', 'reconcile.confirm', 'reconcile.refresh'],
    ],
  },
  double: {
    steps: ['reconcile.removing', 'reconcile.removed'],
    commits: ['reconcile.note-doubles', 'reconcile.request-removal', 'reconcile.removing', 'reconcile.confirm-removal'],
  },
  'removal refused': { isChainOnly: true, steps: ['reconcile.removal-refused'], commits: ['reconcile.removal-refused'] },
  'removal cut': { isChainOnly: true, steps: ['reconcile.removal-cut'], commits: ['reconcile.removal-cut'] },
  'planned again': {
    isChainOnly: true,
    steps: ['reconcile.planned-again'],
    commits: ['reconcile.plan-again', 'reconcile.add-items'],
  },
  'clock put back': { isChainOnly: true, steps: ['reconcile.planned', 'reconcile.begun'], commits: ['reconcile.preview-anew'] },
  approval: { isChainOnly: true, isSampled: true, steps: ['reconcile.planned', 'reconcile.begun'], commits: ['reconcile.acknowledge'] },
  restore: { isChainOnly: true, isSampled: true, steps: ['oplog.restore-found', 'oplog.confirmed'], commits: [] },
  discarded: {
    isChainOnly: true,
    steps: ['reconcile.draft-copy-kept', 'compose.copy-settled'],
    commits: ['reconcile.draft-copy-kept', 'drafts.copy-settled'],
  },
  started: { isChainOnly: true, steps: [], commits: ['reconcile.forget', 'continuity.started', 'continuity.login'] },
} satisfies Readonly<Record<string, ReconcilePlaces>>;

export type ScenarioName = keyof typeof reconcilePlaces;
