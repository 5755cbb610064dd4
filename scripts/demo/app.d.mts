import type { ElectronApplication, Page } from 'playwright-core';
import type { DemoWorld } from './world.mjs';

/** The real app on a demo world, driven from outside. */
export interface DemoApp {
  electron: ElectronApplication;
  window: Page;
  /** Resolves when every mailbox of both sides is here with all its bodies. */
  untilComplete(): Promise<void>;
  quit(): Promise<void>;
}

export function startDemoApp(world: DemoWorld, options?: { lang?: string; isEnrolled?: boolean }): Promise<DemoApp>;
