import { setTimeout as sleep } from 'node:timers/promises'

import { readNode } from '../machine/http.ts'
import type { NodePlan } from '../nodes.ts'
import { SandboxError } from '../sandbox-error.ts'
import type { ExampleAgent } from './example.ts'

/** Witnesses are found out by asking the root, and answer within a second of the checkpoint. */
const SECONDS_MAX = 120

/** What somebody may have done to the example since: the federation is well, and says so. */
const LIFE_VERDICTS: readonly unknown[] = [
  'suspended',
  'revoked',
  'recalled',
  'retired',
  'superseded',
  'requester-suspended',
  'provider-suspended',
  'provider-retired',
  'recognition-suspended',
  'recognised-historically',
]

/**
 * Asks the resolver about an example until it knows, and answers its verdict: valid, with a witnessed proof that it is
 * in the log; or what its life has come to.
 * @throws SandboxError with the verdict that it stayed at.
 */
export async function checkExample(resolver: NodePlan, { code }: ExampleAgent): Promise<string> {
  const deadline = performance.now() + SECONDS_MAX * 1000
  for (;;) {
    const { body } = await readNode(`${resolver.url}/v1/resolve/${code}?detail=verdict`)
    const { verdict, log } = body
    if (verdict === 'valid' && log === 'proved') return verdict
    if (LIFE_VERDICTS.includes(verdict)) return String(verdict)
    if (performance.now() > deadline) {
      const why = JSON.stringify(body['reasons'] ?? body['detail'] ?? null)
      throw new SandboxError(
        `the resolver says of ${code}: ${String(verdict)}, in the log: ${String(log)}: ${why}`,
      )
    }
    await sleep(200)
  }
}
