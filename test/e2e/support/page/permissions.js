// Runs in a page: asks for everything a page can ask for, and tells what was granted.
async (names) => {
  const granted = [];
  for (const name of names) {
    try {
      const { state } = await navigator.permissions.query({ name, userVisibleOnly: true, sysex: true });
      if (state === 'granted') granted.push(`query ${name}`);
    } catch {
      // A name that this browser does not know cannot be granted.
    }
  }
  const within = (work) => Promise.race([work, new Promise((resolve, reject) => setTimeout(() => reject(new Error('late')), 1500))]);
  const asks = {
    camera: () => navigator.mediaDevices.getUserMedia({ video: true }),
    microphone: () => navigator.mediaDevices.getUserMedia({ audio: true }),
    screen: () => navigator.mediaDevices.getDisplayMedia({ video: true }),
    geolocation: () => new Promise((resolve, reject) => navigator.geolocation.getCurrentPosition(resolve, reject)),
    notification: async () => {
      if ((await Notification.requestPermission()) !== 'granted') throw new Error('denied');
    },
    midi: () => navigator.requestMIDIAccess({ sysex: true }),
    clipboardRead: () => navigator.clipboard.readText(),
    usb: () => navigator.usb.requestDevice({ filters: [] }),
    hid: async () => {
      if ((await navigator.hid.requestDevice({ filters: [] })).length === 0) throw new Error('none');
    },
    serial: () => navigator.serial.requestPort(),
    bluetooth: () => navigator.bluetooth.requestDevice({ acceptAllDevices: true }),
    idle: async () => {
      if ((await IdleDetector.requestPermission()) !== 'granted') throw new Error('denied');
    },
    wakeLock: () => navigator.wakeLock.request('screen'),
    persistentStorage: async () => {
      if (!(await navigator.storage.persist())) throw new Error('denied');
    },
    screenDetails: () => window.getScreenDetails(),
    localFonts: async () => {
      if ((await window.queryLocalFonts()).length === 0) throw new Error('none');
    },
    pointerLock: async () => {
      await document.body.requestPointerLock();
      if (!document.pointerLockElement) throw new Error('denied');
    },
    fullscreen: () => document.documentElement.requestFullscreen(),
    keyboardLock: () => navigator.keyboard.lock(),
    // Access to its own storage is every page's right; to another site's it is a permission.
    storageAccess: () => document.requestStorageAccessFor('https://example.org'),
    filePicker: () => window.showOpenFilePicker(),
    directoryPicker: () => window.showDirectoryPicker(),
    savePicker: () => window.showSaveFilePicker(),
    payment: () =>
      new PaymentRequest([{ supportedMethods: 'https://example.org/pay' }], {
        total: { label: 'x', amount: { currency: 'EUR', value: '1' } },
      }).show(),
    credentials: () => navigator.credentials.get({ publicKey: { challenge: new Uint8Array(16), timeout: 1000 } }),
    serviceWorker: () => navigator.serviceWorker.register('/assets/sw.js'),
    sharedWorker: () => new Promise((resolve, reject) => Object.assign(new SharedWorker('/x.js'), { onerror: reject }).port.start()),
    dedicatedWorker: () => new Promise((resolve, reject) => Object.assign(new Worker('/x.js'), { onmessage: resolve, onerror: reject })),
  };
  const outcomes = {};
  for (const [name, ask] of Object.entries(asks)) {
    try {
      await within(ask());
      outcomes[name] = 'granted';
      granted.push(name);
    } catch (error) {
      outcomes[name] = String(error?.name ?? error);
    }
  }
  return { granted, outcomes };
};
