import fc from 'fast-check'

import { codeOf, judgeAnswersBy } from './answer-judge.ts'
import type { Contract, Operation } from './contract.ts'
import { createRawClient, type RawAnswer, type RawRequest } from './raw-exchange.ts'
import { requestsTo, type DrawnRequest, type Known } from './request-arbitrary.ts'

/** Signs a body as a request of wire format W11 to that target; a body that is no JSON object is signed as text. */
export type SignRequest = (
  method: string,
  target: string,
  body: unknown,
) => Promise<{ readonly mediaType: string; readonly text: string }>

/** A node to be fuzzed. */
export interface FuzzTarget extends Known {
  readonly url: string
  readonly contract: Contract
  readonly sign?: SignRequest
}

/** How much is asked of each operation, and from which seed. */
export interface FuzzEffort {
  readonly requests: number
  readonly seed: number
}

/** Of an operation without a body there is less to draw: its parameters, and who asks. */
const BODILESS_SHARE = 0.5

/** How many requests an operation is sent of so many. */
export function requestsOf({ bodies }: Operation, requests: number): number {
  return Object.keys(bodies).length > 0 ? requests : Math.ceil(requests * BODILESS_SHARE)
}

/** How often an operation answered each status, and problem. */
export type Tally = Readonly<Record<string, number>>

/**
 * Sends an operation its share of that many requests, each of which must be answered as the contract says: a documented status, media
 * type, shape and problem code, and no fault of the node. Throws with the seed and the smallest request that breaks it.
 */
export async function fuzzOperation(
  target: FuzzTarget,
  operation: Operation,
  { requests, seed }: FuzzEffort,
): Promise<Tally> {
  using client = createRawClient(target.url)
  const judge = judgeAnswersBy(target.contract)
  const tally: Record<string, number> = {}
  const property = fc.asyncProperty(requestsTo(target.contract, operation, target), async (drawn) => {
    const request = await asSent(target, operation, drawn)
    const answer = await client.send(request)
    const word = [answer.status, codeOf(answer)].join(' ').trim()
    tally[word] = (tally[word] ?? 0) + 1
    const fault = judge(operation, answer)
    if (fault !== undefined) throw new Error(describe(fault, request, answer))
  })
  await fc.assert(property, { numRuns: requestsOf(operation, requests), seed: seedOf(seed, operation.name) })
  return tally
}

async function asSent(
  { sign }: FuzzTarget,
  { method }: Operation,
  { target, headers, body }: DrawnRequest,
): Promise<RawRequest> {
  if (body === undefined) return { method, target, headers, body: undefined }
  if (sign !== undefined && body.signedFor) {
    const signed = await sign(method, target, readJson(body.bytes))
    const bytes = new TextEncoder().encode(signed.text)
    return { method, target, headers: { ...headers, 'content-type': signed.mediaType }, body: bytes }
  }
  const type = body.mediaType === undefined ? {} : { 'content-type': body.mediaType }
  return { method, target, headers: { ...headers, ...type }, body: body.bytes }
}

function readJson(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes).toString('utf8')
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const TOLD_MAX = 1500

function describe(fault: string, request: RawRequest, answer: RawAnswer): string {
  const { authorization = 'nobody', ...headers } = request.headers
  return [
    fault,
    `${request.method} ${request.target.slice(0, TOLD_MAX)} by ${authorization.slice(0, 20)}`,
    JSON.stringify(headers),
    Buffer.from(request.body ?? [])
      .toString('utf8')
      .slice(0, TOLD_MAX),
    `answered ${answer.status} ${answer.text.slice(0, TOLD_MAX)}`,
  ].join('\n')
}

/** Each operation has its own walk; fast-check prints the seed of the one that failed. */
function seedOf(seed: number, name: string): number {
  return [...name].reduce((sum, letter) => (Math.imul(sum, 31) + (letter.codePointAt(0) ?? 0)) | 0, seed)
}
