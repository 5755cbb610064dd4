import { afterAll } from 'vitest';
import { endMailboxApp } from './support/mailbox-app.ts';
// In this order, on one app, each with a mailbox of its own.
import './on-mailbox/limits.ts';
import './on-mailbox/foreign-calls.ts';
import './on-mailbox/content.ts';

afterAll(endMailboxApp);
