/** From a destination to an open socket: names looked up and checked, TCP, and TLS with the certificate verified. */

import { lookup } from 'node:dns/promises';
import { connect, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { plainAddress } from '../address.ts';
import { DialFault, type DialCause } from './dial-fault.ts';
import type { RtmpDestination } from './stream-name.ts';

export interface SocketOptions {
  /** Certificates, as PEM, to trust instead of the system's. */
  readonly ca?: string | readonly string[];
  /** Whether an address may be connected to; asked for each address a name stands for. */
  permits(address: string): boolean;
  readonly connectMs: number;
  readonly tlsMs: number;
  readonly signal: AbortSignal;
}

/**
 * An open connection, paused, without listeners, or a DialFault of the stage that failed:
 * dns-…, address-not-permitted, tcp-…, tls-…. The address that was checked is the one connected to: the name is
 * looked up once. Every certificate is verified against the host of the URL, which is also what SNI names.
 */
export async function dialSocket(destination: RtmpDestination, options: SocketOptions): Promise<Socket> {
  const deadline = AbortSignal.any([options.signal, AbortSignal.timeout(options.connectMs)]);
  const addresses = await permittedAddresses(destination.host, options, deadline);
  const socket = await dialTcp(destination, addresses, deadline);
  return destination.tls ? secured(socket, destination, options) : socket;
}

interface Address {
  readonly address: string;
  readonly family: number;
}

async function permittedAddresses(host: string, options: SocketOptions, deadline: AbortSignal): Promise<Address[]> {
  const all = await resolved(host, deadline);
  const permitted = all.filter(({ address }) => options.permits(plainAddress(address)));
  if (permitted.length > 0) return permitted;
  throw new DialFault({
    cause: 'address-not-permitted',
    words: `${host} stands for an address that may not be sent to.`,
  });
}

async function resolved(host: string, deadline: AbortSignal): Promise<Address[]> {
  const late = aborted(
    deadline,
    () => new DialFault({ cause: 'dns-timeout', words: `Looking up ${host} took too long.` }),
  );
  try {
    return await Promise.race([lookup(host, { all: true }), late.promise]);
  } catch (error) {
    if (error instanceof DialFault) throw error;
    throw new DialFault({ cause: 'dns-failed', words: `${host} cannot be looked up.`, code: codeOf(error) }, error);
  } finally {
    late.forget();
  }
}

function dialTcp(
  { host, port }: RtmpDestination,
  addresses: readonly Address[],
  deadline: AbortSignal,
): Promise<Socket> {
  const known: LookupFunction = (_name, { all }, give) => {
    const [first] = addresses;
    if (all === true || first === undefined) give(null, [...addresses]);
    else give(null, first.address, first.family);
  };
  const socket = connect({ host, port, lookup: known, noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000 });
  return opened(socket, 'connect', deadline, {
    failed: { cause: 'tcp-failed', words: `${host}:${port} does not take the connection.` },
    late: { cause: 'tcp-timeout', words: `${host}:${port} did not answer in time.` },
  });
}

async function secured(socket: Socket, { host }: RtmpDestination, options: SocketOptions): Promise<Socket> {
  const deadline = AbortSignal.any([options.signal, AbortSignal.timeout(options.tlsMs)]);
  const secure = connectTls({
    socket,
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(options.ca === undefined ? {} : { ca: [options.ca].flat() }),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
  });
  return opened(secure, 'secureConnect', deadline, {
    failed: { cause: 'tls-failed', words: `TLS with ${host} failed.` },
    late: { cause: 'tls-timeout', words: `${host} did not complete the TLS handshake in time.` },
  });
}

interface Outcome {
  readonly cause: DialCause;
  readonly words: string;
}

/** Waits for `event`; on error, early close or the deadline the socket is destroyed and the fault tells which. */
function opened<S extends Socket>(
  socket: S,
  event: 'connect' | 'secureConnect',
  deadline: AbortSignal,
  { failed, late }: { readonly failed: Outcome; readonly late: Outcome },
): Promise<S> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      socket.removeAllListeners();
      deadline.removeEventListener('abort', onAbort);
      act();
    };
    const fail = (fault: DialFault) =>
      settle(() => {
        // An error may still follow from a socket that is being destroyed: the fault has told it.
        socket.on('error', () => {});
        socket.destroy();
        reject(fault);
      });
    const onAbort = () => fail(new DialFault(late));
    socket.once(event, () => settle(() => resolve(socket)));
    socket.once('error', (error) => fail(faultOf(error, failed)));
    socket.once('close', () => fail(new DialFault(failed)));
    deadline.addEventListener('abort', onAbort);
    if (deadline.aborted) onAbort();
  });
}

/** OpenSSL's names for a certificate that is not to be trusted, and Node's own for a wrong host name. */
const certificateCodes = /^(CERT_|CRL_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|INVALID_CA|ERR_TLS_CERT)/;

function faultOf(error: Error, failed: Outcome): DialFault {
  const code = codeOf(error);
  if (!certificateCodes.test(code)) return new DialFault({ ...failed, code }, error);
  const words = `The certificate of the server cannot be trusted (${code}).`;
  return new DialFault({ cause: 'tls-certificate', words, code }, error);
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';

/** A promise that rejects when the signal aborts, and the way to stop listening for it. */
function aborted(signal: AbortSignal, fault: () => Error): { promise: Promise<never>; forget(): void } {
  let onAbort: () => void = () => {};
  const promise = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(fault());
    signal.addEventListener('abort', onAbort);
  });
  return { promise, forget: () => signal.removeEventListener('abort', onAbort) };
}
