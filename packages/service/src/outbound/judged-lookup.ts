import { lookup as dnsLookup, type LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'

/** Resolves a name to all of its addresses, as `dns.lookup` does with `all`. */
export type Resolve = (
  hostname: string,
  options: { family?: number | 'IPv4' | 'IPv6'; hints?: number },
  callback: (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void,
) => void

/** The machine's own resolver. */
export const SYSTEM_RESOLVE: Resolve = (hostname, { family, hints }, callback) => {
  const options = {
    all: true,
    ...(family === undefined ? {} : { family }),
    ...(hints === undefined ? {} : { hints }),
  }
  dnsLookup(hostname, options as { all: true }, callback)
}

/**
 * A socket's `lookup` that hands on only addresses that were judged. The socket connects to the very addresses that it
 * is given here, one after another (`autoSelectFamily`) or the first: there is no second question whose answer could
 * differ. One bad address condemns the name, since which of them a socket tries is not ours to say.
 */
export function judgedLookup(judge: (address: string) => void, resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    const { family, hints, all } = options
    const question = {
      ...(family === undefined ? {} : { family }),
      ...(hints === undefined ? {} : { hints }),
    }
    resolve(hostname, question, (error, addresses) => {
      if (error !== null) return callback(error, '', 0)
      const [first] = addresses
      if (first === undefined) return callback(new Error(`${hostname} has no address`), '', 0)
      try {
        for (const { address } of addresses) judge(address)
      } catch (refusal) {
        return callback(refusal as NodeJS.ErrnoException, '', 0)
      }
      return all === true ? callback(null, [...addresses]) : callback(null, first.address, first.family)
    })
  }
}
