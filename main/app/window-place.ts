import type { WindowPlace } from './settings-file.ts';

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const DEFAULT_WIDTH = 1280;
const DEFAULT_HEIGHT = 820;
/** Smallest window in which the three panes still fit. */
export const MIN_WIDTH = 640;
export const MIN_HEIGHT = 480;
/** So much of the title bar must be on a screen that it can be dragged back. */
const GRAB_PIXELS = 80;

/** Size and, when the remembered place is still on a screen, position of a new window. */
export function placeWindow(
  remembered: WindowPlace | null,
  screens: readonly Area[],
): { width: number; height: number; x?: number; y?: number } {
  const largest = screens.reduce((best, area) => (area.width * area.height > best.width * best.height ? area : best), {
    x: 0,
    y: 0,
    width: MIN_WIDTH,
    height: MIN_HEIGHT,
  });
  const fit = (wanted: number, min: number, max: number) => Math.max(min, Math.min(wanted, max));
  const width = fit(remembered?.width ?? DEFAULT_WIDTH, MIN_WIDTH, largest.width);
  const height = fit(remembered?.height ?? DEFAULT_HEIGHT, MIN_HEIGHT, largest.height);
  if (!remembered) return { width, height };
  const { x, y } = remembered;
  const canBeGrabbed = screens.some(
    (area) =>
      x + width >= area.x + GRAB_PIXELS && x <= area.x + area.width - GRAB_PIXELS && y >= area.y && y <= area.y + area.height - GRAB_PIXELS,
  );
  return canBeGrabbed ? { width, height, x, y } : { width, height };
}
