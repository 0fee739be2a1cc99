/** The host's network as it is now, whatever its files say. */
export type ObservedNetwork = {
  /** Names of all interfaces. */
  readonly links: readonly string[];
  /** Addresses with their prefix lengths. */
  readonly addresses: readonly { readonly interface: string; readonly address: string }[];
  /** Connections to SSH and the web interface that are open now: by whom, to which address and port. */
  readonly sessions: readonly { readonly client: string; readonly address: string; readonly port: number }[];
};

/** Texts of the firewall's files of the datacenter and of this host; one that is missing is undefined. */
export type ObservedFirewall = {
  readonly datacenter?: string;
  readonly host?: string;
};
