import {
  readRootKeySet,
  type PublicJwk,
  type ReadRootSigningRequest,
  type RootKeySet,
} from '@arc3088/records'

import { shown } from '../shown.ts'
import { fingerprintOf } from './signing-files.ts'

/** The key set before the one that is asked for, as the request carries it. */
export function setBefore({ request }: ReadRootSigningRequest): RootKeySet | undefined {
  if (request.before === null) return undefined
  const read = readRootKeySet(request.before)
  return read.kind === 'read' ? read.claims : undefined
}

/** Says in plain words what would be signed: all of it, and what changes. */
export function describeRequest(read: ReadRootSigningRequest): string {
  const { request, claims } = read
  const before = setBefore(read)
  const days = Math.round((claims.exp - claims.nbf) / 86_400)
  return [
    `This asks for key set ${claims.seq} of ${shown(claims.iss)}.`,
    before === undefined
      ? 'It is the first: whoever pins it believes it.'
      : `It follows key set ${before.seq}. ${before.threshold} root keys of that one must sign it, and ${claims.threshold} of its own.`,
    `It holds from ${timeOf(claims.nbf)} to ${timeOf(claims.exp)}, ${days} days.`,
    '',
    `Root keys: ${claims.threshold} of these ${claims.root_keys.length} sign each key set.${thresholdChange(claims, before)}`,
    ...changes(before?.root_keys, claims.root_keys),
    '',
    'Federation keys: each of these speaks for the root in everything else.',
    ...changes(before?.keys.federation, claims.keys.federation),
    '',
    `Made ${timeOf(request.made_at)}, nonce ${request.nonce}`,
    `Fingerprint ${fingerprintOf(request.digest)}`,
  ].join('\n')
}

function thresholdChange({ threshold }: RootKeySet, before: RootKeySet | undefined): string {
  return before === undefined || before.threshold === threshold ? '' : ` Before: ${before.threshold}.`
}

function changes(before: readonly PublicJwk[] | undefined, after: readonly PublicJwk[]): string[] {
  const isIn = (keys: readonly PublicJwk[], { kid }: PublicJwk) => keys.some((key) => key.kid === kid)
  const line = (what: string, { alg, kid }: PublicJwk) => `  ${what.padEnd(6)} ${alg.padEnd(7)} ${kid}`
  return [
    ...after.map((key) => line(before === undefined || isIn(before, key) ? 'stays' : 'NEW', key)),
    ...(before ?? []).filter((key) => !isIn(after, key)).map((key) => line('GOES', key)),
  ].map((text) => (before === undefined ? text.replace('stays', 'NEW  ') : text))
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}
