/** The chosen language, or the system's (BCP 47) when the choice is `system`; English for all others. */
export function appLanguage(choice: 'system' | 'de' | 'en', locale: string): 'de' | 'en' {
  const language = choice === 'system' ? locale.toLowerCase().split(/[-_]/)[0] : choice;
  return language === 'de' ? 'de' : 'en';
}
