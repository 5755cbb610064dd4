import { SetupError } from '../lib/steps.mjs';

const HOMEPAGE = 'HOLDOVER_HOMEPAGE';
const MAINTAINER = 'HOLDOVER_MAINTAINER';

function homepageOf(text) {
  if (URL.canParse(text) && ['https:', 'http:'].includes(new URL(text).protocol)) return text;
  throw new SetupError(`${HOMEPAGE} is no web address: https://www.company.example/mail`);
}

function maintainerOf(text) {
  const [, name, email] = /^([^<>\p{Cc}]*[^<>\p{Cc}\s]) <([^<>@\s]+@[^<>@\s]+)>$/u.exec(text) ?? [];
  if (name && email) return { name, email };
  throw new SetupError(`${MAINTAINER} is no name with an address: Mail of Company <mail@company.example>`);
}

/**
 * What of electron-builder's configuration says who gives the packages out, and which variables are missing for it: the project's own files
 * hold names that are reserved for examples (RFC 2606), since it publishes nothing itself.
 * @param {Record<string, string | undefined>} env
 */
export function publisherOf(env) {
  const given = (name) => env[name]?.trim() || null;
  const [homepage, maintainer] = [given(HOMEPAGE), given(MAINTAINER)];
  const person = maintainer === null ? null : maintainerOf(maintainer);
  const extraMetadata = { ...(homepage === null ? {} : { homepage: homepageOf(homepage) }), ...(person ? { author: person } : {}) };
  const missing = [...(homepage === null ? [HOMEPAGE] : []), ...(person ? [] : [MAINTAINER])];
  return {
    config: {
      ...(Object.keys(extraMetadata).length > 0 ? { extraMetadata } : {}),
      ...(person ? { linux: { maintainer, vendor: person.name } } : {}),
    },
    missing,
  };
}
