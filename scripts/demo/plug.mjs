// @ts-check
import { connect, createServer } from 'node:net';

/**
 * A socket that can be pulled: stands on a loopback port before a server, passes bytes both ways, and can refuse
 * connections or swallow everything, as a network does.
 * @typedef {object} Plug
 * @property {number} port The same for the plug's whole life.
 * @property {() => boolean} isUp
 * @property {() => Promise<void>} stop Cuts all connections; new ones are refused.
 * @property {() => Promise<void>} start
 * @property {() => void} cut Ends the connections there are; new ones are taken.
 * @property {(isOn: boolean) => void} blackhole While on, connections open but no byte passes in either direction.
 */

/**
 * @param {number} target Port of the server behind.
 * @returns {Promise<Plug>}
 */
export async function startPlug(target) {
  /** @type {Set<{outer: import('node:net').Socket, inner: import('node:net').Socket}>} */
  const pairs = new Set();
  let isHole = false;
  let isUp = false;
  const server = createServer((outer) => {
    const inner = connect(target, '127.0.0.1');
    const pair = { outer, inner };
    pairs.add(pair);
    for (const [from, to] of [
      [outer, inner],
      [inner, outer],
    ]) {
      from?.setNoDelay(true);
      from?.on('error', () => to?.destroy());
      from?.on('close', () => {
        pairs.delete(pair);
        to?.end();
      });
    }
    join(pair, isHole);
  });
  const open = async (/** @type {number} */ port) => {
    await new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve(undefined);
      });
    });
    isUp = true;
  };
  await open(0);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const { port } = address;
  const cut = () => {
    for (const { outer, inner } of pairs) {
      outer.resetAndDestroy();
      inner.destroy();
    }
    pairs.clear();
  };
  return {
    port,
    isUp: () => isUp,
    cut,
    start: async () => {
      if (!isUp) await open(port);
    },
    stop: async () => {
      if (!isUp) return;
      isUp = false;
      const closed = new Promise((resolve) => server.close(() => resolve(undefined)));
      cut();
      await closed;
    },
    blackhole: (isOn) => {
      isHole = isOn;
      for (const pair of pairs) join(pair, isOn);
    },
  };
}

/**
 * @param {{outer: import('node:net').Socket, inner: import('node:net').Socket}} pair
 * @param {boolean} isHole
 */
function join({ outer, inner }, isHole) {
  if (isHole) {
    outer.unpipe(inner).pause();
    inner.unpipe(outer).pause();
  } else {
    outer.pipe(inner);
    inner.pipe(outer);
  }
}
