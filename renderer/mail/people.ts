import type { Address } from '../../shared/model/message.ts';
import { visibleLine } from '../../shared/visible-text.ts';

/** Shown of a list of people before "and more". */
export const FIRST_PEOPLE = 3;

/** Name and address, so that the one cannot stand for the other. */
export const fullPerson = ({ name, address }: Address): string =>
  name && name !== address ? `${visibleLine(name)} <${visibleLine(address)}>` : visibleLine(address);

/** What stands for a person where there is no room for both: an address in the place of a name is no name. */
export const shownPerson = ({ name, address }: Address): string =>
  visibleLine(name === '' || (/[@＠]/u.test(name) && address !== '') ? address : name);

/** The first of these people by name, for a line. */
export const firstPeople = (people: readonly Address[]): string => people.slice(0, FIRST_PEOPLE).map(shownPerson).join(', ');
