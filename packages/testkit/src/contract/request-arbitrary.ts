import fc from 'fast-check'

import type { Contract, Operation, Parameter } from './contract.ts'
import { valuesOf } from './schema-arbitrary.ts'
import { spoiltJson } from './spoilt-json.ts'

/** A request before it is signed, where it is to be: who asks for what. */
export interface DrawnRequest {
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: DrawnBody | undefined
}

/** A body, and whether it is what a signed request says. */
export interface DrawnBody {
  readonly mediaType: string | undefined
  readonly bytes: Uint8Array
  readonly signedFor: boolean
}

/** What is known of a running node, so that requests get past the first check. */
export interface Known {
  /** Tokens by role. */
  readonly callers: Readonly<Record<string, string>>
  /** The authorisation table: the roles that may do something. */
  readonly permissions: Readonly<Record<string, readonly string[]>>
  /** Values that exist, by the name of the parameter; `METHOD /path name` where one operation has its own. */
  readonly values: Readonly<Record<string, readonly string[]>>
  /** Good bodies by the name of the operation. A text is a body that is no JSON. */
  readonly bodies: Readonly<Record<string, readonly unknown[]>>
  /** Operations whose body is a signed request (wire format W11). */
  readonly signed?: ReadonlySet<string>
}

/** Path segments and parameters as no well-behaved client spells them. */
const HOSTILE = [
  '%00',
  'a%00b',
  '%2f',
  '..%2f..%2fetc',
  '%',
  '%zz',
  '%ff%fe',
  '%c0%af',
  '%ed%a0%80',
  '%F0%A0%AE%B7',
  '%0d%0aset-cookie:x',
  '%25%30%30',
  '%5c',
  '%20',
  '+',
  'A'.repeat(4000),
  '%41'.repeat(500),
  '1'.repeat(400),
  '-1',
  '1e9',
  '0x10',
  '99999999999999999999',
  'null',
  '__proto__',
  'constructor',
  '%7B%7D',
  '2026-11-22T09:00:00Z',
  '1.2.156.3088.1',
  'urn%3Auuid%3A018f6f3e-5d5c-4b2e-8a8c-3f0d6a1b2c3d',
] as const
const HEADER_TEXT = /^[\t\x20-\x7e\x80-\xff]*$/
const ACCEPTS = [
  '*/*',
  'application/json',
  'text/html',
  'application/agent-code-resolution+jwt;q=0.1',
  ';',
  'x/',
]
const MEDIA_TYPES = [
  'text/plain',
  'application/xml',
  'application/json;charset=gbk',
  'x',
  'multipart/form-data',
]

/** Requests to an operation, from nearly good to wild. */
export function requestsTo(
  contract: Contract,
  operation: Operation,
  known: Known,
): fc.Arbitrary<DrawnRequest> {
  const parameters = operation.parameters.map((parameter) =>
    fc.record({
      parameter: fc.constant(parameter),
      good: goodSpellings(contract, operation, parameter, known),
      wild: wildSpellings(parameter),
    }),
  )
  const unknownParameter = fc.option(fc.constantFrom('x=1', '=', '&&', 'limit=1&limit=2', '%00=%ff'), {
    freq: 12,
  })
  return fc
    .record({
      parameters: fc.tuple(...parameters),
      // More than one fault in a request hides all but the first that is looked for.
      wildAt: fc.integer({ min: -1 - parameters.length, max: parameters.length - 1 }),
      unknownParameter,
      caller: callersOf(operation, known),
      accept: fc.option(fc.constantFrom(...ACCEPTS), { freq: 3 }),
      held: fc.option(fc.constantFrom('*', '"x"', 'W/"x", *', ','), { freq: 6 }),
      body: bodiesOf(contract, operation, known),
    })
    .map((drawn) => {
      const spelt = (place: string) =>
        drawn.parameters.flatMap(({ parameter, good, wild }, nth) => {
          const value = nth === drawn.wildAt ? wild : good
          return parameter.in === place && value !== undefined ? [[parameter.name, value] as const] : []
        })
      const query = spelt('query').map(([name, value]) => `${name}=${value}`)
      if (drawn.unknownParameter !== null) query.push(drawn.unknownParameter)
      const path = spelt('path').reduce(
        (at, [name, value]) => at.replace(`{${name}}`, () => value),
        operation.path,
      )
      const headers: [string, string][] = spelt('header').map(([name, value]) => [name, asHeader(value)])
      return {
        target: query.length === 0 ? path : `${path}?${query.join('&')}`,
        headers: {
          ...drawn.caller,
          ...(drawn.accept === null ? {} : { accept: drawn.accept }),
          ...(drawn.held === null ? {} : { 'if-none-match': drawn.held }),
          ...Object.fromEntries(headers),
        },
        body: drawn.body,
      }
    })
}

/** Mostly somebody who may; also everybody else, nobody, and somebody who is unknown. */
function callersOf({ action }: Operation, { callers, permissions }: Known): fc.Arbitrary<object> {
  const bearers = (tokens: readonly string[]) => tokens.map((token) => ({ authorization: `Bearer ${token}` }))
  const entitled = (permissions[action] ?? []).flatMap((role) => callers[role] ?? [])
  const anybody = [{}, { authorization: 'Basic eDp4' }, ...bearers(['x', ...Object.values(callers)])]
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...(entitled.length === 0 ? [{}] : bearers(entitled))) },
    { weight: 1, arbitrary: fc.constantFrom(...anybody) },
  )
}

/** Values that exist, or that the schema takes, percent-encoded; undefined where a parameter is left out. */
function goodSpellings(
  contract: Contract,
  { name: operation }: Operation,
  { in: place, name, required = false, schema = {} }: Parameter,
  { values }: Known,
): fc.Arbitrary<string | undefined> {
  const real = values[`${operation} ${name}`] ?? values[name] ?? []
  const drawn = valuesOf(contract, schema).map((value) => encodeURIComponent(String(value).toWellFormed()))
  const spelt =
    real.length === 0
      ? drawn
      : fc.oneof(
          { weight: 6, arbitrary: fc.constantFrom(...real.map((value) => encodeURIComponent(value))) },
          { weight: 1, arbitrary: drawn },
        )
  const kept = spelt.map((text) => withinSegment(place, text))
  return required ? kept : fc.option(kept, { nil: undefined, freq: place === 'header' ? 9 : 2 })
}

/** What a well-behaved client never sends. */
function wildSpellings({ in: place }: Parameter): fc.Arbitrary<string | undefined> {
  const binary = fc.string({ unit: 'binary' }).map((text) => encodeURIComponent(text.toWellFormed()))
  const spelt = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...HOSTILE) },
    { weight: 1, arbitrary: binary },
  )
  const kept = spelt.map((text) => withinSegment(place, text))
  return place === 'path' ? kept : fc.option(kept, { nil: undefined, freq: 9 })
}

/** Dot segments are another path, and so is an empty one: those are not requests to this operation. */
function withinSegment(place: string, spelt: string): string {
  return place === 'path' && /^(\.|%2e){0,2}$/i.test(spelt) ? 'x' : spelt
}

function asHeader(spelt: string): string {
  const text = /%(?![0-9a-f]{2})/i.test(spelt) ? spelt : Buffer.from(unescapeBytes(spelt)).toString('latin1')
  return HEADER_TEXT.test(text) ? text.trim() : spelt
}

function unescapeBytes(spelt: string): Uint8Array {
  return Buffer.from(
    spelt.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
}

function bodiesOf(
  contract: Contract,
  operation: Operation,
  known: Known,
): fc.Arbitrary<DrawnBody | undefined> {
  const { name, method, bodies } = operation
  if (method === 'GET') return fc.constant(undefined)
  const good = known.bodies[name] ?? []
  const isSigned = known.signed?.has(name) ?? false
  const declared = Object.entries(bodies)
  const usual = declared.length === 0 ? [undefined] : declared.map(([type]) => type)
  const mediaTypes = fc.oneof(
    { weight: 19, arbitrary: fc.constantFrom(...usual) },
    { weight: 1, arbitrary: fc.constantFrom(undefined, ...MEDIA_TYPES) },
  )
  const fromSchema = declared.map(([, { schema = {} }]) =>
    valuesOf(contract, schema).chain((value) =>
      typeof value === 'string' ? fc.constant(value) : spoiltJson(value),
    ),
  )
  const fromGood = good.map((value) => (typeof value === 'string' ? spoiltText(value) : spoiltJson(value)))
  const usually = fromGood.length === 0 ? fromSchema : fromGood
  const texts = fc.oneof(
    { weight: usually.length === 0 ? 0 : 8, arbitrary: fc.oneof(...usually, ...usually, fc.json()) },
    { weight: 2, arbitrary: fc.oneof(fc.json(), ...fromSchema) },
    { weight: 1, arbitrary: fc.oneof(fc.json(), fc.string({ unit: 'binary' })) },
  )
  const bytes = fc.oneof(
    { weight: 18, arbitrary: texts.map((text) => new TextEncoder().encode(text)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }) },
    { weight: 1, arbitrary: fc.constantFrom(nested(3000), new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d])) },
  )
  const signedFor = fc.nat(9).map((nth) => isSigned && nth > 0)
  const drawn = fc.record({ mediaType: mediaTypes, bytes, signedFor })
  return fc.option(drawn, { nil: undefined, freq: 20 })
}

/** A text with one character or one line left out, or a wild one put in. */
function spoiltText(text: string): fc.Arbitrary<string> {
  return fc
    .tuple(fc.nat(text.length), fc.constantFrom('', '\n', '\u0000', '=', '9'.repeat(30)))
    .map(([at, odd]) => {
      return text.slice(0, at) + odd + text.slice(at + 1)
    })
}

function nested(depth: number): Uint8Array {
  return new TextEncoder().encode('['.repeat(depth) + ']'.repeat(depth))
}
