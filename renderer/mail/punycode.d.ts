declare module 'punycode.js' {
  const punycode: {
    /** Host name with its `xn--` labels written out. @throws RangeError for a label that is no punycode */
    toUnicode(host: string): string;
  };
  export default punycode;
}
