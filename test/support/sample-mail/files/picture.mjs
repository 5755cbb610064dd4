// @ts-check

/**
 * An RGB picture in memory.
 * @typedef {{width: number, height: number, pixels: Uint8Array}} Picture
 * @typedef {readonly [number, number, number]} Colour
 */

/**
 * @param {number} width
 * @param {number} height
 * @param {(x: number, y: number) => Colour} colourAt
 * @returns {Picture}
 */
export function paint(width, height, colourAt) {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) pixels.set(colourAt(x, y), (y * width + x) * 3);
  }
  return { width, height, pixels };
}

/** @type {Colour} */ const NAVY = [16, 42, 67];
/** @type {Colour} */ const TEAL = [0, 128, 128];
/** @type {Colour} */ const WHITE = [255, 255, 255];
/** @type {Colour} */ const GREY = [226, 232, 240];

/** The company's mark: a wave under a north star, for signatures. */
export function paintLogo() {
  return paint(96, 32, (x, y) => {
    const wave = 22 + Math.sin(x / 6) * 3;
    if (y > wave) return TEAL;
    const dx = Math.abs(x - 16);
    const dy = Math.abs(y - 11);
    if (dx * dy < 5 && dx + dy < 10) return NAVY;
    return WHITE;
  });
}

/**
 * A bar chart without words.
 * @param {readonly number[]} values
 * @param {number} [width]
 * @param {number} [height]
 */
export function paintBars(values, width = 420, height = 180) {
  const top = Math.max(...values, 1);
  const step = width / values.length;
  return paint(width, height, (x, y) => {
    const value = values[Math.floor(x / step)] ?? 0;
    const isGap = x % step < step * 0.2;
    if (!isGap && height - y <= (value / top) * (height - 10)) return TEAL;
    return y % 45 === 0 ? GREY : WHITE;
  });
}

/**
 * Something like a photograph of wind turbines at sea: soft gradients with grain, as a camera would make.
 * @param {import('../random.mjs').Random} random
 * @param {number} [width]
 * @param {number} [height]
 */
export function paintSea(random, width = 320, height = 200) {
  const horizon = Math.round(height * (0.5 + random.next() * 0.15));
  const turbines = Array.from({ length: 5 }, () => ({ x: random.between(20, width - 20), size: random.between(24, 60) }));
  return paint(width, height, (x, y) => {
    const grain = random.between(-6, 6);
    const mast = turbines.some((turbine) => isTurbine(turbine, x, y, horizon));
    if (mast) return [236 + grain, 238 + grain, 240 + grain];
    if (y < horizon) return [120 + (y * 80) / horizon + grain, 160 + (y * 50) / horizon + grain, 205 + grain];
    const swell = Math.sin(x / 9 + y) * 10;
    return [30 + swell + grain + 6, 80 + swell + grain, 110 + swell + grain];
  });
}

/**
 * @param {{x: number, size: number}} turbine
 * @param {number} x
 * @param {number} y
 * @param {number} horizon
 */
function isTurbine(turbine, x, y, horizon) {
  const hub = horizon - turbine.size;
  if (Math.abs(x - turbine.x) <= 1 && y >= hub && y <= horizon + 2) return true;
  const dx = x - turbine.x;
  const dy = y - hub;
  const reach = Math.hypot(dx, dy);
  if (reach > turbine.size * 0.55) return false;
  const angle = ((Math.atan2(dy, dx) + Math.PI * 2 + turbine.x) % ((Math.PI * 2) / 3)) * reach;
  return angle < 1.6;
}
