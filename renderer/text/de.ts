import { actions } from './de/actions.ts';
import { app, shortcuts } from './de/app.ts';
import { compose } from './de/compose.ts';
import { continuity } from './de/continuity.ts';
import { settings } from './de/enrol.ts';
import { errors } from './de/errors.ts';
import { attachments, folders, links, list, reader, search } from './de/mail.ts';
import { outbox } from './de/outbox.ts';
import { reconcile } from './de/reconcile.ts';
import { sides, status, unlock } from './de/status.ts';
import type { Words } from './en.ts';

/** All visible words in German; a missing one does not compile. */
export const de: Words = {
  app,
  shortcuts,
  folders,
  list,
  search,
  reader,
  attachments,
  links,
  sides,
  status,
  continuity,
  actions,
  reconcile,
  unlock,
  compose,
  outbox,
  settings,
  errors,
};
