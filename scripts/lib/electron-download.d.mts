export function whyNoElectronDownload(): Promise<string | null>;
