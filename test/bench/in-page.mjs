// Functions that run in the page: each is sent there as its text, so it uses nothing from outside itself.
/* global document, HTMLInputElement, InputEvent, KeyboardEvent, MutationObserver, requestAnimationFrame */

/** Scrolls the list on by the same step in every frame: times between frames, and the share of frames with a row not loaded. */
export async function scrollAlong(ms) {
  const list = document.querySelector('[role=listbox]');
  const gaps = [];
  let blank = 0;
  let last = 0;
  const end = performance.now() + ms;
  await new Promise((resolve) => {
    const frame = (at) => {
      if (last > 0) gaps.push(at - last);
      last = at;
      const { top, bottom } = list.getBoundingClientRect();
      const slots = [...list.querySelectorAll('.slot')].filter((slot) => {
        const box = slot.getBoundingClientRect();
        return box.bottom > top && box.top < bottom;
      });
      if (slots.some((slot) => slot.querySelector('[role=option]') === null)) blank += 1;
      list.scrollTop += 120;
      if (at < end) requestAnimationFrame(frame);
      else resolve();
    };
    requestAnimationFrame(frame);
  });
  list.scrollTop = 0;
  return { gaps, blankShare: blank / Math.max(1, gaps.length) };
}

/** Opens the next messages by key: milliseconds from the key to the painted text of each. */
export async function openNext(count) {
  const list = document.querySelector('[role=listbox]');
  const reader = document.querySelector('#pane-reader');
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
  const took = [];
  list.focus();
  for (let n = 0; n < count; n += 1) {
    const before = reader.querySelector('.plain')?.textContent;
    const startedAt = performance.now();
    let isLoaded = false;
    const onLoad = (event) => (isLoaded ||= event.target.tagName === 'IFRAME');
    document.addEventListener('load', onLoad, true);
    const shown = new Promise((resolve) => {
      const look = () => {
        const text = reader.querySelector('.plain, iframe');
        const subject = document.querySelector(`#${list.getAttribute('aria-activedescendant')} .subject`)?.textContent.trim();
        const isThere = text !== null && (text.tagName === 'IFRAME' ? isLoaded : text.textContent !== before);
        if (!isThere || reader.querySelector('h2')?.textContent.trim() !== subject) return;
        watcher.disconnect();
        document.removeEventListener('load', look, true);
        resolve();
      };
      const watcher = new MutationObserver(look);
      watcher.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
      document.addEventListener('load', look, true);
    });
    list.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }));
    await shown;
    document.removeEventListener('load', onLoad, true);
    await painted();
    took.push(performance.now() - startedAt);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  return took;
}

/** Writes each text into the search: milliseconds from the letter to the painted result. */
export async function typeSearch(texts) {
  const list = document.querySelector('[role=listbox]');
  const input = document.querySelector('[role=search] input');
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
  const took = [];
  for (const text of texts) {
    const answered = new Promise((resolve) => {
      let wasBusy = false;
      const watcher = new MutationObserver(() => {
        const isBusy = list.getAttribute('aria-busy') === 'true';
        wasBusy ||= isBusy;
        if (!wasBusy || isBusy) return;
        watcher.disconnect();
        resolve();
      });
      watcher.observe(list, { attributes: true, attributeFilter: ['aria-busy'] });
    });
    const startedAt = performance.now();
    set.call(input, text);
    input.dispatchEvent(new InputEvent('input', { bubbles: true }));
    await answered;
    await painted();
    took.push(performance.now() - startedAt);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  return took;
}
