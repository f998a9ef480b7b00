// The network as components see it. A test gives them another one.

/** TLS as a client. Certificates are verified unless `verify` is false, which only the user's own words may ask for. */
export interface TlsOptions {
  /** PEM; replaces the system's authorities. */
  readonly ca?: string;
  /** PEM, both together: the client's own certificate. */
  readonly certificate?: string;
  readonly key?: string;
  /** The name that the certificate is checked for; the host's when left out. */
  readonly serverName?: string;
  readonly verify?: boolean;
}

export type Address =
  | { readonly host: string; readonly port: number }
  /** A Unix domain socket. */
  | { readonly path: string };

/** A connected stream. Disposing closes it, whatever is still under way. */
export interface Connection extends AsyncDisposable {
  /** Resolves when the operating system has taken all of it; rejects when the other side is gone. */
  write(bytes: Uint8Array | string): Promise<void>;
  /** Says that nothing more will be written. */
  end(): Promise<void>;
  /**
   * What the other side sends until it ends; throws when the connection breaks. To be iterated by one at a time; whoever
   * goes on after a `break` gets what comes next.
   */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** A connection that somebody else opened. */
export interface IncomingConnection extends Connection {
  /** The other side's IP address; an IPv4 address never in IPv6 notation. */
  readonly peer: string;
}

export interface ListenOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** One more than so many at once is closed unheard. */
  readonly connectionsMax: number;
  /** A connection over which nothing went for so long is closed. */
  readonly idleMs: number;
  /** Called for each connection that was one too many. */
  readonly refused?: () => void;
}

/** Disposing stops listening and closes what is still connected. */
export interface Listening extends AsyncDisposable {
  readonly port: number;
}

/** Sends datagrams to one address. */
export interface DatagramSender extends AsyncDisposable {
  /** Resolves when it was handed to the network, which promises nothing. */
  send(bytes: Uint8Array): Promise<void>;
}

export interface ReceiveOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** What the operating system is asked to hold until we come; it may grant less. */
  readonly bufferBytes: number;
}

/** Disposing stops receiving. */
export interface DatagramReceiver extends AsyncDisposable {
  readonly port: number;
  /**
   * How many datagrams the operating system has thrown away since it was opened, because nobody came
   * for them in time; undefined where it does not say.
   */
  countLost(): Promise<number | undefined>;
}

export interface ConnectOptions {
  readonly signal: AbortSignal;
  readonly tls?: TlsOptions;
  /**
   * For protocols that begin in the clear (STARTTLS): talks there, reading no more than it has to, and resolves to
   * whether TLS begins now. Without it, TLS begins at once.
   */
  readonly negotiateTls?: (plain: Connection) => Promise<boolean>;
}

/** Rejects with Node's error codes (ECONNREFUSED, ENOTFOUND …). Names are resolved anew for each call. */
export interface Network {
  connect(address: Address, options: ConnectOptions): Promise<Connection>;
  openDatagram(address: { readonly host: string; readonly port: number }): Promise<DatagramSender>;
  /**
   * Hands over each datagram that comes, with the sender's IP address (an IPv4 address never in IPv6
   * notation). The bytes belong to `receive`, which must not throw. Rejects as `listen` does.
   */
  receiveDatagrams(
    options: ReceiveOptions,
    receive: (bytes: Uint8Array, peer: string) => void,
  ): Promise<DatagramReceiver>;
  /**
   * Waits for connections. Each is closed when `serve` has ended, in whatever way. Rejects with EADDRINUSE, EACCES …
   * when the address cannot be had.
   */
  listen(
    options: ListenOptions,
    serve: (connection: IncomingConnection) => Promise<void>,
  ): Promise<Listening>;
}

/** What `fetch` takes besides the platform's own options. */
export interface FetchInit extends RequestInit {
  /** For https with authorities or a certificate of one's own. */
  readonly tls?: TlsOptions;
}

export type Fetch = (url: string, init: FetchInit) => Promise<Response>;
