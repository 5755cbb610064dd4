import { htmlParts } from '../../../shared/model/html-parts.ts';
import { baseDomain } from '../../../shared/trust/base-domain.ts';
import { canonicalImageUrl } from '../../../shared/trust/image-url.ts';
import { htmlTokens } from '../mime/html-tokens.ts';

/** An image that a mail would have loaded from the internet. */
export interface ImageSource {
  /** Canonical address. */
  readonly url: string;
  /** It serves to learn that the mail was read. */
  readonly isTracker: boolean;
}

/** Services whose images tell senders who reads. A short list of our own: what it misses is an image that was asked for. */
const TRACKER_DOMAINS = new Set(
  (
    'awstrack.me bananatag.com bnc.lt cirrusinsight.com contactmonkey.com customeriomail.com doubleclick.net emltrk.com getnotify.com ' +
    'google-analytics.com googleadservices.com hubspotlinks.com intercom-mail.com klclick.com krxd.net list-manage.com litmus.com ' +
    'mailfoogae.appspot.com mailstat.us mailtag.io mailtrack.io mandrillapp.com mathtag.com mixmax.com mktdns.com nethunt.co ' +
    'omeclk.com outreach.io pixel.watch polymail.io pstmrk.it readnotify.com returnpath.net rkdms.com sailthru.com saleshandy.com ' +
    'scorecardresearch.com sidekickopen.com signl.live superhuman.com tinyletterapp.com yesware.com'
  ).split(' '),
);
const TRACKER_PATH =
  /\/(?:track(?:ing)?\/open|wf\/open|e\/o|open\.(?:aspx|php|gif|ashx)|pixel(?:\.(?:gif|png|php))?$|beacon|spacer-track|o\.gif|tr\?)/iu;
const MAX_SOURCES = 500;

const isDot = (value: string | undefined): boolean => value !== undefined && /^\s*[01](?:px)?\s*$/iu.test(value);
const HIDDEN_STYLE =
  /(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|(?:max-)?(?:width|height)\s*:\s*[01](?:px)?\s*(?:!important\s*)?(?:;|$))/iu;

/** Remote images of an HTML text, each address once; others than https are left out. */
export function imageSources(html: string): ImageSource[] {
  const found = new Map<string, ImageSource>();
  for (const part of htmlParts(html)) collect(part, found);
  return [...found.values()];
}

function collect(html: string, found: Map<string, ImageSource>): void {
  for (const token of htmlTokens(html)) {
    if (found.size >= MAX_SOURCES) return;
    if (token.type !== 'open' || token.name !== 'img') continue;
    const url = canonicalImageUrl(token.attributes.get('src') ?? '');
    if (url === null) continue;
    const isHidden = isDot(token.attributes.get('width')) || isDot(token.attributes.get('height'));
    const isTracker = isHidden || HIDDEN_STYLE.test(token.attributes.get('style') ?? '') || isTrackerAddress(url);
    // Shown somewhere, it is a picture, however small it is elsewhere.
    const before = found.get(url);
    found.set(url, { url, isTracker: isTracker && (before?.isTracker ?? true) });
  }
}

function isTrackerAddress(address: string): boolean {
  const { hostname, pathname, search } = new URL(address);
  return TRACKER_DOMAINS.has(baseDomain(hostname)) || TRACKER_PATH.test(`${pathname}${search}`);
}
