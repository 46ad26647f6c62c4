import http from 'node:http'
import https from 'node:https'

import { judgeAddress, judgePlainAddress, judgeUrl, type DoorPolicy } from './address.ts'
import { exchange, type OutboundRequest, type OutboundResponse } from './exchange.ts'
import { judgedLookup, SYSTEM_RESOLVE, type Resolve } from './judged-lookup.ts'

/** The one way out of a service (wire-format, "Outbound fetches"). */
export interface OutboundDoor {
  /**
   * @throws RegistryError `address-refused` before any packet leaves, `upstream-unreachable` or `upstream-timeout`;
   * nothing else.
   */
  fetch(request: OutboundRequest): Promise<OutboundResponse>
  /** Closes all connections; the door must not be used afterwards. */
  close(): void
}

/** What may be set differently: the whole time of a fetch, and who resolves names. */
export interface DoorOptions {
  readonly secondsMax?: number
  readonly resolve?: Resolve
}

const OUTBOUND_SECONDS_MAX = 5
const SOCKETS_PER_ORIGIN_MAX = 64

/**
 * Opens the door: https only (loopback http by policy), no redirects, literal and resolved addresses judged,
 * size and time bounded. Failures to reach anybody are `upstream-unreachable` or `upstream-timeout`, never a verdict.
 */
export function openOutboundDoor(policy: DoorPolicy, options: DoorOptions = {}): OutboundDoor {
  const { secondsMax = OUTBOUND_SECONDS_MAX, resolve = SYSTEM_RESOLVE } = options
  const pool = { keepAlive: true, maxSockets: SOCKETS_PER_ORIGIN_MAX }
  const plain = new http.Agent({
    ...pool,
    lookup: judgedLookup((address) => judgePlainAddress(address, policy), resolve),
  })
  const secure = new https.Agent({
    ...pool,
    lookup: judgedLookup((address) => judgeAddress(address, policy), resolve),
  })
  return {
    fetch: async (request) => {
      const url = judgeUrl(request.url, policy)
      const deadline = AbortSignal.timeout(secondsMax * 1000)
      return url.protocol === 'https:'
        ? await exchange(https.request, secure, url, request, deadline)
        : await exchange(http.request, plain, url, request, deadline)
    },
    close() {
      plain.destroy()
      secure.destroy()
    },
  }
}
