// How the body of a message is made ready to be shown: loaded with the first one, since no list needs it.
export { linksOf, readPlainText } from './plain-text.ts';
export { layOut, textInstead, textInsteadWords, type Layout } from './layout.ts';
