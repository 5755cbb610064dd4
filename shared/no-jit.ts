import { z } from 'zod';

// Compiled checks pay for themselves after some thousand uses: at start, each process makes few of many kinds. In the window
// the policy of the app forbids them besides, and each try would be reported. Import this before any module with a schema.
z.config({ jitless: true });
