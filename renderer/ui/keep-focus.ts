/** What takes a button's place may have to be loaded first; who has gone on meanwhile is not called back. */
const PATIENCE_MS = 5_000;

/**
 * For a region whose parts are told anew: when the button that has the focus goes with its part, the focus goes to the one that took its
 * place, the same by its text where there is one. Without this it would be at the beginning of the page. An attachment of Svelte.
 */
export function keepFocus(region: HTMLElement): () => void {
  let held: HTMLElement | null = null;
  let lostAt: number | null = null;
  const onFocus = ({ target }: FocusEvent): void => {
    held = target instanceof HTMLElement ? target : null;
    lostAt = null;
  };
  // Told for a button that is taken away, too: who has left it finds it still there.
  const onLeave = ({ target }: FocusEvent): void => {
    setTimeout(() => {
      if (held === target && held?.isConnected) held = null;
    });
  };
  const onChange = (): void => {
    if (held === null || held.isConnected) return;
    lostAt ??= performance.now();
    if (document.activeElement !== document.body || performance.now() - lostAt > PATIENCE_MS) {
      held = null;
      return;
    }
    const buttons = [...region.querySelectorAll<HTMLElement>('button:not(:disabled)')];
    (buttons.find(({ textContent }) => textContent === held?.textContent) ?? buttons[0])?.focus();
  };
  const changes = new MutationObserver(onChange);
  changes.observe(region, { childList: true, subtree: true });
  region.addEventListener('focusin', onFocus);
  region.addEventListener('focusout', onLeave);
  return () => {
    changes.disconnect();
    region.removeEventListener('focusin', onFocus);
    region.removeEventListener('focusout', onLeave);
  };
}
