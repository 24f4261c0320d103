/** @file Addresses: which reach this machine alone, and which are one client. */
import { isIPv4, isIPv6 } from 'node:net';

/** Whether only programs on this machine can connect to a server that listens there. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** What a limit for an address counts: of IPv6 the first 64 bits, since a household has them all. */
export function addressGroup(address: string | undefined): string {
  const plain = address?.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '') ?? '';
  if (isIPv4(plain)) return plain;
  if (!isIPv6(plain)) return 'unknown';
  const [before = '', after] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::');
  const [left, right] = [before, after ?? ''].map((half) => half.split(':').filter(Boolean)) as [string[], string[]];
  const groups = after === undefined ? left : [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
