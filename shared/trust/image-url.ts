import { isNumberHost } from './base-domain.ts';

const MAX_URL_CHARS = 4_096;

/** The address of an image as it may be asked for: https, a name for a host, the usual port, nobody's name or password. */
export function canonicalImageUrl(source: string): string | null {
  const bare = source.replaceAll(/[\t\r\n]/gu, '').trim();
  if (bare.length > MAX_URL_CHARS || !/^https:\/\//iu.test(bare) || !URL.canParse(bare)) return null;
  const url = new URL(bare);
  if (url.port !== '' || url.username !== '' || url.password !== '' || isNumberHost(url.hostname) || !url.hostname.includes('.'))
    return null;
  url.hash = '';
  return url.href;
}
