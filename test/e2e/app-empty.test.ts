import { afterAll } from 'vitest';
import { endEmptyApp } from './support/empty-app.ts';
// In this order, on one app: the last one gives it an account.
import './on-empty/isolation.ts';
import './on-empty/checklist.ts';
import './on-empty/calls.ts';
import './on-empty/cleaner.ts';
import './on-empty/enrol-token.ts';

afterAll(endEmptyApp);
