import { examplePolicy } from './example.ts';
import { manifest, mobileconfig } from './macos.ts';
import { referencePage } from './reference.ts';
import { jsonSchema } from './values.ts';
import { adml, admx } from './windows.ts';
import { de } from './words-de.ts';
import { en } from './words-en.ts';

export const FOLDER = 'docs/policy';
const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Everything that is generated from the policy's schema: name below `FOLDER` and content. */
export function policyFiles(): Readonly<Record<string, string>> {
  return {
    'policies.schema.json': json(jsonSchema()),
    'policies.example.json': json(examplePolicy),
    'reference.en.md': referencePage(en),
    'reference.de.md': referencePage(de),
    'windows/holdover.admx': admx(),
    'windows/en-US/holdover.adml': adml(en),
    'windows/de-DE/holdover.adml': adml(de),
    'macos/com.holdover.app.plist': manifest(en),
    'macos/holdover.mobileconfig': mobileconfig(),
  };
}
