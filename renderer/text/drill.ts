import { drill as de } from './de/drill.ts';
import { drill as en, type DrillWords } from './en/drill.ts';

/** Words of the test of the emergency access, loaded with its panel. */
export const drillWords = (language: 'de' | 'en'): DrillWords => (language === 'de' ? de : en);
