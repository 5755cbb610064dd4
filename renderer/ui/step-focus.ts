/**
 * Where a person goes on in a step of a form: at the first field that is wrong, else at the first empty one up to the field the step is about
 * (`data-focus`), else at the button that leads on, else at the text that says what is going on.
 */
export function findStepFocus(step: HTMLElement): HTMLElement | null {
  const all = (selector: string) => [...step.querySelectorAll<HTMLElement>(selector)].filter((one) => one.checkVisibility());
  const [wrong] = all('[aria-invalid="true"]');
  if (wrong) return wrong;
  for (const one of all('input:not([type="checkbox"]), [data-focus]')) {
    if ('focus' in one.dataset || (one instanceof HTMLInputElement && one.value === '')) return one;
  }
  return step.querySelector<HTMLElement>('button.primary:not(:disabled)') ?? step.querySelector<HTMLElement>('[tabindex="-1"]');
}
