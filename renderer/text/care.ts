import { care as de } from './de/care.ts';
import { care as en, type CareWords } from './en/care.ts';

/** Words about mail that should not be trusted at once; a part of their own, loaded with the first mail that is opened. */
export const careWords = (language: 'de' | 'en'): CareWords => (language === 'de' ? de : en);
