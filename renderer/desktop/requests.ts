import type { WindowRequest } from '../../shared/ipc/calls/desktop.ts';
import { call, listen } from '../api.ts';
import { compose } from '../state/compose.svelte.ts';
import { messageList } from '../state/message-list.svelte.ts';
import { outbox } from '../state/outbox.svelte.ts';
import { session } from '../state/session.svelte.ts';
import { toasts } from '../state/toasts.svelte.ts';
import { desktopWords } from '../text/desktop.ts';

const NOTICE_MS = 15_000;
let isListening = false;
let isTaking = false;

/** Does what the desktop asks (a notification or the tray was clicked, a link opened), now and from now on, once there is an account. */
export async function takeRequests(): Promise<void> {
  if (!isListening) listen('desktop.request', () => void takeRequests());
  isListening = true;
  if (isTaking) return;
  isTaking = true;
  while (session.engine.phase === 'running' && session.accounts.length > 0) {
    const request = await call('desktop.request').catch(() => null);
    if (request === null) break;
    await carryOut(request);
  }
  isTaking = false;
}

async function carryOut(request: WindowRequest): Promise<void> {
  switch (request.kind) {
    case 'compose':
      return compose.new();
    case 'mailto':
      return write(request);
    case 'outbox':
      show();
      outbox.isShown = true;
      return;
    case 'mail':
      show();
      return messageList.openAlone(request.entryId);
    case 'inbox':
      // Who writes a mail has it put aside by nothing but the wish to read one.
      session.view = 'mail';
  }
}

function show(): void {
  session.view = 'mail';
  outbox.isShown = false;
  compose.putAside();
}

async function write({ link, leftOut }: Extract<WindowRequest, { kind: 'mailto' }>): Promise<void> {
  const words = desktopWords[session.language].desktop;
  if (link === null) return tell(words.badLink);
  await compose.new(link);
  if (leftOut.length > 0) tell(words.leftOut(leftOut.map((one) => words.leftOutParts[one]).join(', ')));
}

const tell = (text: string): void => void toasts.show({ text, countdown: null, action: null, endsAt: Date.now() + NOTICE_MS, onEnd: null });
