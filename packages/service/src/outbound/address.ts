import { isIP } from 'node:net'

import { RegistryError } from '@arc3088/problems'
import ipaddr from 'ipaddr.js'

/** What the door may reach besides public unicast addresses over https. */
export interface DoorPolicy {
  /** Plain http to loopback, for a federation on one machine. Never for a node that others can reach. */
  readonly allowLoopbackHttp: boolean
}

/** The part of IPv6 that IANA has given out as global unicast. What lies outside is refused, known or not. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')

/** Below this, ports belong to services that are not the web (RFC 6335): a request for one of those is no fetch. */
const SYSTEM_PORTS_END = 1024
const WEB_PORTS: readonly string[] = ['', '80', '443']

/** A longer text is not repeated to whoever reads the refusal. */
const TEXT_TOLD_MAX = 100

/**
 * Judges an address before any packet leaves. Node calls a socket's `lookup` for names only, so a literal
 * address must be judged here, from the URL, in every spelling that the URL parser folds (decimal, hex, mapped).
 *
 * @throws RegistryError `address-refused`.
 */
export function judgeUrl(text: string, policy: DoorPolicy): URL {
  if (!URL.canParse(text)) throw refused(text.slice(0, TEXT_TOLD_MAX), 'is not a URL')
  const url = new URL(text)
  // Only ever told by its origin: the rest may be a password.
  if (url.username !== '' || url.password !== '') throw refused(url.origin, 'is asked with credentials')
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw refused(url.protocol, 'is neither https nor http')
  if (url.hostname.endsWith('.')) throw refused(url.origin, 'is a second spelling of a host')
  if (!WEB_PORTS.includes(url.port) && Number(url.port) < SYSTEM_PORTS_END)
    throw refused(url.origin, 'names the port of another service')
  const literal = readLiteral(url.hostname)
  if (url.protocol === 'http:' && !(policy.allowLoopbackHttp && isLoopbackHost(url.hostname, literal)))
    throw refused(url.origin, 'is not https')
  if (literal !== undefined) judgeAddress(literal, policy)
  return url
}

/**
 * Judges one address, literal or resolved; public unicast passes, and loopback where the policy says so.
 *
 * @throws RegistryError `address-refused`.
 */
export function judgeAddress(address: string, policy: DoorPolicy): void {
  const range = rangeOf(address)
  if (range === 'unicast' || (range === 'loopback' && policy.allowLoopbackHttp)) return
  throw refused(address, `is a ${range} address`)
}

/** Judges an address that is to be spoken to in plain http: loopback alone, where the policy says so. */
export function judgePlainAddress(address: string, policy: DoorPolicy): void {
  const range = rangeOf(address)
  if (range === 'loopback' && policy.allowLoopbackHttp) return
  throw refused(address, `is a ${range} address, which plain http does not reach`)
}

function rangeOf(address: string): string {
  if (!ipaddr.isValid(address)) return 'unreadable'
  const parsed = ipaddr.process(address)
  const range = parsed.range()
  if (range === 'unicast' && parsed instanceof ipaddr.IPv6 && !parsed.match(GLOBAL_UNICAST)) return 'reserved'
  return range
}

/** What Node would connect to without a lookup, or what reads as an address to us: either is judged as one. */
function readLiteral(hostname: string): string | undefined {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
  return isIP(bare) !== 0 || ipaddr.isValid(bare) ? bare : undefined
}

function isLoopbackHost(hostname: string, literal: string | undefined): boolean {
  return literal === undefined ? hostname === 'localhost' : rangeOf(literal) === 'loopback'
}

function refused(what: string, why: string): RegistryError {
  return new RegistryError('address-refused', `${what} ${why}`)
}
