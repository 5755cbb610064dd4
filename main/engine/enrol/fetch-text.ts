/** The part of `fetch` that discovery needs; tests give their own. */
export type Fetch = (url: string, init: { redirect: 'manual'; signal: AbortSignal; headers: Record<string, string> }) => Promise<Response>;

const MAX_BYTES = 64 * 1024;
const MAX_REDIRECTS = 3;

/**
 * Gets a small text over https, following few redirects, each of them to https again.
 *
 * @returns null for 404 and 410: the server is there and has no such file.
 * @throws Error for every other answer, a body over 64 KiB, or the signal.
 */
export async function fetchText(fetch: Fetch, address: string, signal: AbortSignal): Promise<string | null> {
  let url = address;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    const response = await fetch(url, { redirect: 'manual', signal, headers: { accept: 'text/xml, application/xml' } });
    if (response.status >= 300 && response.status < 400) {
      const next = new URL(response.headers.get('location') ?? '', url);
      await response.body?.cancel();
      if (next.protocol !== 'https:') throw new Error('redirect away from https');
      url = next.href;
      continue;
    }
    if (response.ok) return readBounded(response);
    await response.body?.cancel();
    if (response.status === 404 || response.status === 410) return null;
    throw new Error(`status ${response.status}`);
  }
  throw new Error('too many redirects');
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.length;
    // Leaving the loop cancels the body, so an endless answer ends here.
    if (sizeBytes > MAX_BYTES) throw new Error('answer too large');
    chunks.push(chunk);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
}
