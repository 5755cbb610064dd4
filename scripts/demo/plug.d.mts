/** A socket that can be pulled: stands on a loopback port before a server. */
export interface Plug {
  /** The same for the plug's whole life. */
  port: number;
  isUp(): boolean;
  /** Cuts all connections; new ones are refused. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Ends the connections there are; new ones are taken. */
  cut(): void;
  /** While on, connections open but no byte passes in either direction. */
  blackhole(isOn: boolean): void;
}

export declare function startPlug(target: number): Promise<Plug>;
