import type { Address } from '../../shared/model/message.ts';
import { visibleLine } from './visible-text.ts';

/** Shown of a list of people before "and more". */
export const FIRST_PEOPLE = 3;

/** Name and address, so that the one cannot stand for the other. */
export const fullPerson = ({ name, address }: Address): string =>
  name && name !== address ? `${visibleLine(name)} <${visibleLine(address)}>` : visibleLine(address);

/** The first of these people by name, for a line. */
export const firstPeople = (people: readonly Address[]): string =>
  people
    .slice(0, FIRST_PEOPLE)
    .map(({ name, address }) => visibleLine(name || address))
    .join(', ');
