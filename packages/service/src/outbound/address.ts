import { RegistryError } from '@arc3088/problems'
import ipaddr from 'ipaddr.js'

/** What the door may reach besides public unicast addresses over https. */
export interface DoorPolicy {
  /** Plain http to loopback, for a federation on one machine. Never for a node that others can reach. */
  readonly allowLoopbackHttp: boolean
}

/**
 * Judges an address before any packet leaves. Node calls a socket's `lookup` for names only, so a literal
 * address must be judged here, from the URL, in every spelling that the URL parser folds (decimal, hex, mapped).
 */
export function judgeUrl(text: string, policy: DoorPolicy): URL {
  if (!URL.canParse(text)) throw refused(text, 'is not a URL')
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') throw refused(text, 'carries credentials')
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused(text, 'is neither https nor http')
  const literal = readLiteral(url.hostname)
  if (url.protocol === 'http:' && !(policy.allowLoopbackHttp && isLoopbackHost(url.hostname, literal))) {
    throw refused(text, 'is not https')
  }
  if (literal !== undefined) judgeAddress(literal, policy)
  return url
}

/** Judges one resolved address; throws `address-refused` unless it is public unicast (or allowed loopback). */
export function judgeAddress(address: string, policy: DoorPolicy): void {
  const range = ipaddr.process(address).range()
  if (range === 'unicast' || (range === 'loopback' && policy.allowLoopbackHttp)) return
  throw refused(address, `is a ${range} address`)
}

function readLiteral(hostname: string): string | undefined {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
  return ipaddr.isValid(bare) ? bare : undefined
}

function isLoopbackHost(hostname: string, literal: string | undefined): boolean {
  if (literal !== undefined) return ipaddr.process(literal).range() === 'loopback'
  return hostname === 'localhost'
}

function refused(what: string, why: string): RegistryError {
  return new RegistryError('address-refused', `${what} ${why}`)
}
