import { expect, it } from 'vitest';
import { fittingPreview } from '../../renderer/list/list-layout.ts';

it.each([
  ['as many as are wanted', 2, 600, 2],
  ['none where none is wanted', 0, 600, 0],
  ['one of two where three rows with two would not fit', 2, 250, 1],
  ['none where three rows would not fit with it', 1, 218, 0],
  ['none in a list that shows no row', 2, 0, 0],
])('a row has lines of preview: %s', (_, wanted, viewHeight, lines) => {
  expect(fittingPreview(wanted, { viewHeight, bareRow: 54, line: 19 })).toBe(lines);
  if (lines > 0) expect(3 * (54 + lines * 19)).toBeLessThanOrEqual(viewHeight);
});
