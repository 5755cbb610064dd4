import { expect } from 'vitest';
import type { RunningApp } from './start-app.ts';

/** Where text that others wrote is shown beside the body of a mail (bar H7). */
const PLACES = [
  ...(['subject', 'display name', 'address', 'group name', 'file name', 'Content-Type', 'Message-ID', 'folder name'] as const),
  ...(['ICS fields', 'IMAP server words', 'SMTP server words', 'search snippet', 'notification'] as const),
  ...(['window title', 'print view', 'tray'] as const),
] as const;
type Place = (typeof PLACES)[number];

const ordered = (text: string): string => text.replaceAll(/[\u2068\u2069]/gu, '').replaceAll(/\s+/gu, ' ');

/** Counts the places in which text of others was looked for, and with which texts. */
export class TextPlaces {
  readonly #app: RunningApp;
  readonly #seen = new Map<Place, Set<string>>();
  #checks = 0;
  #elements = 0;

  constructor(app: RunningApp) {
    this.#app = app;
  }

  /** Asserts that `text`, which stands in this place, says the payload as it is; `part` where only that much of it fits there. */
  says(place: Place, text: string, payload: string, part = payload): void {
    expect(ordered(text), place).toContain(ordered(part));
    this.#note(place, payload);
  }

  /** Asserts that the place says its own words and none of the payload, which came to the app. */
  keepsOut(place: Place, text: string, payload: string): void {
    expect(text, place).not.toMatch(/[<>{}]|h7|globalThis|&lt;/u);
    this.#note(place, payload);
  }

  /** Counts elements that only text of others could have made, in the page as it is now. */
  async lookForElements(): Promise<void> {
    this.#elements += await this.#app.window.evaluate<number>(
      `[...document.querySelectorAll('#h7, math, form, [onerror], [onload], [onfocus], [onmouseover], [src=x], iframe[src]')].length`,
    );
  }

  addElements(count: number): void {
    this.#elements += count;
  }

  /** `least`: payloads that each place was tried with at least. */
  figure() {
    return {
      places: this.#seen.size,
      leastPayloads: Math.min(...PLACES.map((place) => this.#seen.get(place)?.size ?? 0)),
      checks: this.#checks,
      elements: this.#elements,
    };
  }

  #note(place: Place, payload: string): void {
    this.#checks += 1;
    this.#seen.set(place, (this.#seen.get(place) ?? new Set()).add(payload));
  }
}
