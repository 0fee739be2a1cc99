/** The host's network as a twin knows it: what is loaded, and what is at the other end of the cable. */
export type WorldNetwork = {
  /** Names of the network cards. */
  links: string[];
  /** Text of `/etc/network/interfaces` that the host was last loaded from. */
  loaded: string;
  /** Texts of the firewall's files as it last read them. */
  firewall: { cluster: string; host: string };
  /** Absent: nobody knows, and the host counts as reachable. */
  outside?: WorldOutside;
};

export type WorldOutside = {
  /** The card with the cable. */
  link: string;
  /** The true gateway of the network there, and that network: `10.0.0.0/24`. */
  gateway: string;
  network: string;
  /** From where people reach the host. */
  client: string;
  /** What DHCP gives the host there. */
  lease: string;
};
