import { asMailboxId } from '../../../shared/model/ids.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { OpChange } from '../store/ops.ts';

const MAX_CHARS = 300;
const bare = (flag: string): string => flag.replace(/^\\/u, '');

/** What a change wants, in words for machines and reports: `flag +seen -flagged`, `move Archive`. Not for logs: it holds paths. */
export function describeChange(store: EngineStore, change: OpChange): string {
  const path = (id: number): string => store.mailboxes.get(asMailboxId(id))?.path ?? '';
  const text = (): string => {
    switch (change.kind) {
      case 'set-flags':
        return ['flag', ...change.add.map((one) => `+${bare(one)}`), ...change.remove.map((one) => `-${bare(one)}`)].join(' ');
      case 'move':
      case 'copy':
      case 'restore':
        return `${change.kind} ${path(change.targetMailboxId)}`;
      case 'append':
        return `append ${path(change.mailboxId)}`;
      case 'delete':
        return 'delete';
      case 'create-mailbox':
        return `create-mailbox ${change.path}`;
      case 'rename-mailbox':
        return `rename-mailbox ${path(change.mailboxId)} ${change.path}`;
      case 'delete-mailbox':
        return `delete-mailbox ${path(change.mailboxId)}`;
    }
  };
  return text().slice(0, MAX_CHARS);
}
