/** One attack in HTML, with places for what differs from mail to mail. */
export interface Vector {
  readonly kind: string;
  readonly name: string;
  /** `{js}`: script that tells it ran; `{url}`: address of the listener; `{host}`: name that only DNS would be asked for. */
  readonly html: string;
}
