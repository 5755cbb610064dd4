// @ts-check
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';

const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";
/** @type {Record<string, string>} */
const TYPES = {
  'page.html': 'text/html; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
};

/**
 * Serves the demo's panel on loopback, under a path that nobody can guess: other programs of this machine must not play
 * with it.
 * @param {{ actions: Readonly<Record<string, () => void | Promise<void>>>, state: () => unknown }} world
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function startPanel({ actions, state }) {
  const token = randomBytes(24).toString('base64url');
  const server = createServer((request, response) => {
    const [, given = '', rest = ''] = /^\/([^/]*)\/?(.*)$/.exec(request.url ?? '') ?? [];
    const send = (/** @type {number} */ status, /** @type {string} */ type, /** @type {string} */ body) => {
      response.writeHead(status, { 'Content-Type': type, 'Content-Security-Policy': POLICY, 'Cache-Control': 'no-store' });
      response.end(body);
    };
    if (!isEqual(given, token)) return send(404, 'text/plain', 'not here');
    if (request.method === 'GET' && rest === 'state') return send(200, 'application/json', JSON.stringify(state()));
    if (request.method === 'POST' && Object.hasOwn(actions, rest)) {
      Promise.resolve(actions[rest]?.()).then(
        () => send(200, 'application/json', JSON.stringify(state())),
        (error) => send(500, 'text/plain', String(error)),
      );
      return;
    }
    const name = rest === '' ? 'page.html' : rest;
    const type = TYPES[name];
    if (request.method !== 'GET' || !type) return send(404, 'text/plain', 'not here');
    send(200, type, readFileSync(path.join(import.meta.dirname, name), 'utf8'));
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(undefined));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}/${token}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve(undefined));
        server.closeAllConnections();
      }),
  };
}

/**
 * @param {string} given
 * @param {string} wanted
 */
function isEqual(given, wanted) {
  const left = Buffer.from(given);
  const right = Buffer.from(wanted);
  return left.length === right.length && timingSafeEqual(left, right);
}
