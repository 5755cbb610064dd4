import { insertPlain } from './editor-commands.ts';
import { wordAround } from './spelling-words.ts';
import { textFlow } from './text-flow.ts';

/** A word of what is being written, where it is drawn, and how to put another in its place (which can be undone). */
export interface WordPlace {
  readonly word: string;
  readonly field: HTMLElement;
  getBoundingClientRect(): DOMRect;
  replace(text: string): void;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The word at a point of the window, or else at the caret; null where there is none, or nothing that is checked. */
export function wordPlace(target: Element, point: Point | null): WordPlace | null {
  const field = target.closest<HTMLElement>('[data-spelling]');
  if (!field) return null;
  return field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement ? placeInField(field, point) : placeInText(field, point);
}

/** A click has set the caret; where in a field a word is drawn, nothing tells, so the list opens at the pointer or at the field. */
function placeInField(field: HTMLInputElement | HTMLTextAreaElement, point: Point | null): WordPlace | null {
  const found = wordAround(field.value, field.selectionStart ?? 0);
  if (!found) return null;
  return {
    word: found.word,
    field,
    getBoundingClientRect: () => (point ? new DOMRect(point.x, point.y, 0, 0) : field.getBoundingClientRect()),
    replace: (text) => {
      field.focus();
      field.setSelectionRange(found.start, found.end);
      insertPlain(text);
    },
  };
}

function placeInText(field: HTMLElement, point: Point | null): WordPlace | null {
  const selection = document.getSelection();
  const at = point ? document.caretRangeFromPoint(point.x, point.y) : selection?.rangeCount ? selection.getRangeAt(0) : null;
  const flow = textFlow(field);
  const place = at && flow.placeOf(at.startContainer, at.startOffset);
  const found = place === null ? null : wordAround(flow.text, place);
  if (!found) return null;
  const range = flow.range(found.start, found.end);
  return {
    word: found.word,
    field,
    getBoundingClientRect: () => range.getBoundingClientRect(),
    replace: (text) => {
      field.focus();
      selection?.removeAllRanges();
      selection?.addRange(range);
      insertPlain(text);
    },
  };
}
