import { actions } from './en/actions.ts';
import { app, shortcuts } from './en/app.ts';
import { compose } from './en/compose.ts';
import { continuity } from './en/continuity.ts';
import { settings } from './en/enrol.ts';
import { errors } from './en/errors.ts';
import { attachments, folders, links, list, reader, search } from './en/mail.ts';
import { outbox } from './en/outbox.ts';
import { reconcile } from './en/reconcile.ts';
import { sides, status, unlock } from './en/status.ts';

/** All visible words in English. Its type is the contract that every other language fulfils. */
export const en = {
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

export type Words = typeof en;
