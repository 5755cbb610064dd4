import { listen } from '../api.ts';
import { updateWords } from '../text/updates.ts';
import { session } from './session.svelte.ts';
import { toasts } from './toasts.svelte.ts';

const NOTICE_MS = 20_000;

/** Says once, and in passing, that a newer version is ready. */
listen('update.state', ({ phase, version }) => {
  if (phase !== 'ready' || version === null) return;
  const text = updateWords[session.language].readyNotice(version);
  toasts.show({ text, countdown: null, action: null, endsAt: Date.now() + NOTICE_MS, onEnd: null });
});
