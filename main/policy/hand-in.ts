import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { noProxies, type ProxyFinder } from '../engine/core/proxy/proxy-finder.ts';

const POST_MS = 20_000;

/** Posts to an https address of the company. A redirect is refused: it could lead out of the company. */
async function post(url: string, body: string, proxies: ProxyFinder): Promise<void> {
  const { fetchThrough } = await import('../engine/core/proxy/through-proxy.ts');
  const answer = await fetchThrough(proxies)(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    signal: AbortSignal.timeout(POST_MS),
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
}

/** Writes into a folder, such as a share, whole or not at all. */
async function write(folder: string, name: string, body: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const target = path.join(folder, name);
  const partial = `${target}.${process.pid}.partial`;
  try {
    const file = await open(partial, 'wx', 0o600);
    try {
      await file.writeFile(body);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/**
 * Hands something in at the place that a policy names: a folder, or an https address.
 * @param name file name in the folder
 * @throws where the place did not take it
 */
export function handIn(target: string, name: string, body: string, proxies: ProxyFinder = noProxies): Promise<void> {
  return target.startsWith('https:') ? post(target, body, proxies) : write(target, name, body);
}

/** A word that is a file name everywhere. */
export const fileWord = (text: string): string => text.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 100) || 'unnamed';
