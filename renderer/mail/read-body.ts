// How the body of a message is made ready to be shown: loaded with the first one, since no list needs it.
export { linksOf, readPlainText } from './plain-text.ts';
export { cleanMail } from './sanitize.ts';
