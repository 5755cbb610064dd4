import { MailError } from '../../../shared/errors.ts';
import type { trustCalls } from '../../../shared/ipc/calls/trust.ts';
import { noProxies } from '../core/proxy/proxy-finder.ts';
import { openMessage } from '../read/read-message.ts';
import type { HandlersOf } from './handlers-of.ts';

/** Loaded with the first mail that is opened: none of it is needed to show a list. */
export const trustHandlers: HandlersOf<typeof trustCalls> = {
  'messages.sender': async ({ store, deps }, { entryId }) => (await import('../trust/trust.ts')).assessMail(store, deps.ingest, entryId),
  'attachments.dangers': async ({ store, deps }, { entryId }) => {
    const { attachments } = await openMessage(store, deps.ingest, entryId);
    return (await import('../trust/attachment-dangers.ts')).attachmentDangers(store, deps.ingest, entryId, attachments);
  },
  'messages.remoteImages': async ({ store, deps }, { entryId }) => {
    const view = await openMessage(store, deps.ingest, entryId);
    const { config } = store.accounts.get(view.row.accountId);
    if (config.managed.remoteImages === 'never')
      throw new MailError('held-by-policy', { scope: 'message', retry: 'never', detail: 'remoteImages' });
    const { fetchRemoteImages } = await import('../trust/remote-images.ts');
    const { systemImageNet } = await import('../trust/image-net.ts');
    return fetchRemoteImages(view.html ?? '', systemImageNet(deps.proxies ?? noProxies), deps.clock);
  },
};
