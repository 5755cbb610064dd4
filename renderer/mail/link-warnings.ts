import punycode from 'punycode.js';
import { baseDomain, isNumberHost, plainHost } from '../../shared/trust/base-domain.ts';
import { borrowedName, lookAlikeOf, mixesScripts, passesForLatin } from '../../shared/trust/look-alike.ts';
import type { LinkRefusal, MailLink } from './link.ts';
import { visibleLine } from '../../shared/visible-text.ts';

/** What a person should know before a link is opened. `foreign-letters` is a remark, all others are warnings. */
export type LinkWarning =
  LinkRefusal | 'other-host' | 'look-alike' | 'mixed-scripts' | 'inner-domain' | 'number-host' | 'odd-host' | 'foreign-letters';

const WEB_ADDRESS = /(?:\bhttps?:\/\/|\bwww\.)[^\s<>"'„“”]+/giu;
const BARE_HOST = /^(?<host>[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*\.\p{L}{2,24})\.?(?:[:/?#]\S*)?$/iu;
const MAIL_ADDRESS = /[^\s<>@,;:"]+@(?<host>[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+)/u;
const FILE_ENDING =
  /\.(?:pdf|docx?|xlsx?|pptx?|txt|csv|zip|jpe?g|png|gif|webp|svg|html?|eml|ics|vcf|md|py|js|ts|sh|json|xml|exe|msi|mp3|mp4|log|ini)$/iu;
/** Another site's name within the first labels: `bank.com.login.example`. */
const INNER = /(?:(?:^|\.)[a-z0-9-]{2,}\.(?:com|net|org|gov)|^www\.[a-z0-9-]{2,}\.[a-z]{2})\.(?=[a-z0-9-]+(?:\.[a-z0-9-]+)+$)/iu;

/** The host as people read it. */
export function readableHost(host: string): string {
  try {
    return punycode.toUnicode(host);
  } catch {
    return host; // no punycode after all: shown as it stands
  }
}

/**
 * What is wrong with a link. Pure; cheap enough for every link of a mail.
 * @param own domains of the person's accounts
 */
export function linkWarnings(link: MailLink, own: readonly string[]): LinkWarning[] {
  if (link.refusal !== null) return [link.refusal];
  if (link.kind === 'mail') return isOtherAddress(link) ? ['other-host'] : [];
  const host = plainHost(link.target);
  const readable = readableHost(host);
  const found: LinkWarning[] = [];
  if (namedHosts(link.text).some((named) => isOther(named, host))) found.push('other-host');
  const labels = readable.split('.');
  const ending = labels.at(-1) ?? '';
  if (labels.some(mixesScripts)) found.push('mixed-scripts');
  if (labels.some((label) => passesForLatin(label, ending)) || borrowedName(readable) !== null || lookAlikeOf(readable, own) !== null) {
    found.push('look-alike');
  }
  if (INNER.test(host) && !isNumberHost(host)) found.push('inner-domain');
  if (isNumberHost(host)) found.push('number-host');
  if (link.target.endsWith('.')) found.push('odd-host');
  if (found.length === 0 && readable !== host) found.push('foreign-letters');
  return found;
}

/** True for what a person is warned of; a remark is not. */
export const isWarned = (warnings: readonly LinkWarning[]): boolean => warnings.some((one) => one !== 'foreign-letters');

/** Hosts that the shown text names: whole addresses anywhere in it, or a bare name that is all of it. In ASCII. */
function namedHosts(shown: string): string[] {
  const text = visibleLine(shown);
  const addresses = [...text.matchAll(WEB_ADDRESS)].map(([one]) => (/^www\./iu.test(one) ? `http://${one}` : one));
  const bare = BARE_HOST.exec(text)?.groups?.['host'];
  if (addresses.length === 0 && bare !== undefined && !FILE_ENDING.test(bare)) addresses.push(`http://${bare}/`);
  return addresses.map((one) => one.replaceAll('\\', '/')).flatMap((one) => (URL.canParse(one) ? [new URL(one).hostname] : []));
}

const isOther = (named: string, real: string): boolean => baseDomain(named) !== baseDomain(real);

function isOtherAddress({ text, target }: MailLink): boolean {
  const named = MAIL_ADDRESS.exec(visibleLine(text))?.groups?.['host'];
  return named !== undefined && !target.toLowerCase().includes(`@${named.toLowerCase()}`);
}
