/** Words that the app process shows by itself: menu and dialogs. All words of the window are the renderer's. */
export interface AppText {
  readonly file: string;
  readonly newMail: string;
  readonly addAccount: string;
  readonly settings: string;
  readonly quit: string;
  readonly edit: string;
  readonly undo: string;
  readonly redo: string;
  readonly cut: string;
  readonly copy: string;
  readonly paste: string;
  readonly selectAll: string;
  readonly search: string;
  readonly view: string;
  readonly syncNow: string;
  readonly zoomIn: string;
  readonly zoomOut: string;
  readonly zoomReset: string;
  readonly fullScreen: string;
  readonly window: string;
  readonly minimize: string;
  readonly close: string;
  readonly help: string;
  readonly about: string;
  readonly enrolmentFileTitle: string;
  readonly enrolmentFileKept: string;
}

const en: AppText = {
  file: '&File',
  newMail: '&New Mail',
  addAccount: 'Add &Account…',
  settings: '&Settings…',
  quit: '&Quit',
  edit: '&Edit',
  undo: '&Undo',
  redo: '&Redo',
  cut: 'Cu&t',
  copy: '&Copy',
  paste: '&Paste',
  selectAll: 'Select &All',
  search: '&Search',
  view: '&View',
  syncNow: '&Check Mail Now',
  zoomIn: 'Zoom &In',
  zoomOut: 'Zoom &Out',
  zoomReset: '&Actual Size',
  fullScreen: '&Full Screen',
  window: '&Window',
  minimize: '&Minimize',
  close: '&Close',
  help: '&Help',
  about: '&About Holdover',
  enrolmentFileTitle: 'The enrolment file was not accepted',
  enrolmentFileKept: 'No account was added from the faulty part. The file was kept.',
};

const de: AppText = {
  file: '&Datei',
  newMail: '&Neue Nachricht',
  addAccount: '&Konto hinzufügen …',
  settings: '&Einstellungen …',
  quit: '&Beenden',
  edit: '&Bearbeiten',
  undo: '&Rückgängig',
  redo: '&Wiederholen',
  cut: '&Ausschneiden',
  copy: '&Kopieren',
  paste: '&Einfügen',
  selectAll: 'A&lles auswählen',
  search: '&Suchen',
  view: '&Ansicht',
  syncNow: 'Mails jetzt &abrufen',
  zoomIn: 'Ver&größern',
  zoomOut: 'Ver&kleinern',
  zoomReset: '&Originalgröße',
  fullScreen: '&Vollbild',
  window: '&Fenster',
  minimize: '&Minimieren',
  close: '&Schließen',
  help: '&Hilfe',
  about: '&Über Holdover',
  enrolmentFileTitle: 'Die Einrichtungsdatei wurde nicht angenommen',
  enrolmentFileKept: 'Aus dem fehlerhaften Teil wurde kein Konto angelegt. Die Datei blieb erhalten.',
};

/** Loaded with the menu, when the window is on its way. */
export const appText: Readonly<Record<'de' | 'en', AppText>> = { de, en };
