import ipaddr from 'ipaddr.js'

import type { RateLimit } from './rate-limit-headers.ts'

/** Whether an address is of a proxy whose word about its clients is believed. */
export type TrustedProxies = (address: string) => boolean

/** What a service believes of its clients' addresses, and how much one of them may read. */
export interface ClientPolicy {
  /** Nobody, where left out. */
  readonly trustedProxies?: TrustedProxies | undefined
  /** Of everything that is read, on the long way; no limit where left out. */
  readonly reads?: RateLimit | undefined
}

/** Reads addresses and networks (`10.0.0.0/8`), comma between. @throws TypeError naming what is none. */
export function readTrustedProxies(text: string): TrustedProxies {
  const networks = text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .map(readNetwork)
  return (address) => {
    if (!ipaddr.isValid(address)) return false
    const parsed = ipaddr.process(address)
    return networks.some(([network, bits]) => parsed.kind() === network.kind() && parsed.match(network, bits))
  }
}

/**
 * The address of the client: that of the connection, but where a trusted proxy made it, the last one in
 * `X-Forwarded-For` that is not a trusted proxy's. What stands before it anybody may have written. Undefined where no address
 * is to be had, as where a trusted proxy says what is none (`192.0.2.7:443`).
 */
export function clientAddress(
  connection: string | undefined,
  forwardedFor: string | undefined,
  isTrusted: TrustedProxies,
): string | undefined {
  if (!isBelieved(connection, forwardedFor, isTrusted)) return connection
  const hops = forwardedFor.split(',').map((hop) => hop.trim())
  const client = hops.findLast((hop) => !isTrusted(hop))
  // Where all are proxies, the one that asked is the client.
  if (client === undefined) return connection
  return isAddress(client) ? client : undefined
}

/** Whether this machine itself asks, and not a trusted proxy on it for somebody, whatever address that one is said to have. */
export function isOwnMachine(
  connection: string | undefined,
  forwardedFor: string | undefined,
  isTrusted: TrustedProxies,
): boolean {
  return isLoopback(connection) && !isBelieved(connection, forwardedFor, isTrusted)
}

function isBelieved(
  connection: string | undefined,
  forwardedFor: string | undefined,
  isTrusted: TrustedProxies,
): forwardedFor is string {
  return connection !== undefined && forwardedFor !== undefined && isTrusted(connection)
}

/** One IPv4 address, or the /64 of an IPv6 one: whoever has one address of that network has all of them. */
export function networkOf(address: string | undefined): string {
  if (address === undefined || !ipaddr.isValid(address)) return 'unknown'
  const parsed = ipaddr.process(address)
  return parsed instanceof ipaddr.IPv6
    ? `${parsed.parts
        .slice(0, 4)
        .map((part) => part.toString(16))
        .join(':')}::/64`
    : parsed.toString()
}

/** Whether an address is this machine's own. */
function isLoopback(address: string | undefined): boolean {
  return address !== undefined && ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback'
}

function readNetwork(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const [base = ''] = text.split('/')
  if (isAddress(base) && ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text)
  if (!isAddress(text)) throw new TypeError(`${text} is neither an address nor a network`)
  const address = ipaddr.process(text)
  return [address, address.kind() === 'ipv6' ? 128 : 32]
}

/** `10.1` and `0x7f.1` are addresses to some programs, and another one to others. */
function isAddress(text: string): boolean {
  return ipaddr.IPv6.isValid(text) || ipaddr.IPv4.isValidFourPartDecimal(text)
}
