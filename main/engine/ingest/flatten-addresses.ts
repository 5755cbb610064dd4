import { limits } from '../../../shared/limits.ts';
import type { Address } from '../../../shared/model/message.ts';
import { cleanLine } from '../mime/clean-text.ts';

/** An address or group as the parsers give it. */
export interface ParsedAddress {
  readonly name?: string | undefined;
  readonly address?: string | undefined;
  readonly group?: readonly ParsedAddress[] | undefined;
}

const MAX_NAME_CHARS = 300;
const MAX_ADDRESS_CHARS = 320;

/** Groups opened, texts cleaned, at most limits.maxAddresses. An entry that says nothing is left out. */
export function flattenAddresses(parsed: readonly ParsedAddress[]): Address[] {
  const out: Address[] = [];
  for (const one of parsed) {
    for (const leaf of one.group ?? [one]) {
      if (out.length >= limits.maxAddresses) return out;
      const name = cleanLine(leaf.name ?? '', MAX_NAME_CHARS);
      const address = cleanLine(leaf.address ?? '', MAX_ADDRESS_CHARS);
      if (name !== '' || address !== '') out.push({ name, address });
    }
  }
  return out;
}
