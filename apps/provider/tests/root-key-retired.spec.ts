import { waitFor } from '@arc3088/testkit'
import { pinAnchor, verifyEvidence, type Assessment } from '@arc3088/trust'
import { expect, test } from 'vitest'

import { approvedOntology, verifiedRequester } from './requester-acts.ts'
import { startRootProcess } from './start-root-process.ts'
import { startTestProvider } from './start-test-provider.ts'

/** Past the ten minutes for which a key is known before it signs, and the two for which its predecessor is kept. */
const ACTIVATION_SECONDS = 660
const RETIREMENT_SECONDS = 900

test('a provider whose record the root signed with a key that has retired is still appointed, and resolves as valid', async () => {
  await using root = await startRootProcess({ logQuorum: 1 })
  await using provider = await startTestProvider(root)
  await provider.appoint('7')
  const requester = await verifiedRequester(provider)

  const kidOf = async (state: string) =>
    new RegExp(`^issuing ${state} (\\S+)`, 'm').exec(await root.run('keys:list'))?.[1] ?? ''
  const first = await kidOf('active')
  await root.run('keys:announce', '--purpose', 'issuing')
  const second = await kidOf('announced')
  const done = async (what: string, seconds: number, ...command: string[]) =>
    await waitFor(
      async () =>
        await root.runLater(seconds, ...command).then(
          () => true,
          () => false,
        ),
      { what, intervalMs: 500 },
    )
  await done('the activation', ACTIVATION_SECONDS, 'keys:activate', '--kid', second)
  await done('the retirement', RETIREMENT_SECONDS, 'keys:retire', '--kid', first)
  // Neither keeps what it had put together before.
  await root.stop()
  await root.start()
  await provider.restart()

  const isRenewed = async () => {
    const word = await provider.database.db.selectFrom('appointment').select('evidence').executeTakeFirst()
    return JSON.stringify(word).includes('key_history')
  }
  // Where the first question fails, the next is asked when the root's status is due again: after a minute.
  await waitFor(isRenewed, { what: "the root's word with its former keys" })
  const ontology = await approvedOntology(provider, requester)
  const anchor = pinAnchor(root.anchorText)
  if ('kind' in anchor) throw new Error(anchor.detail)
  const assess = async (headers: Record<string, string>): Promise<Assessment> => {
    const { body } = await provider.anyone.get(`/v1/codes/${ontology}`, headers)
    return await verifyEvidence({ code: ontology, bundle: body, anchor, at: Math.floor(Date.now() / 1000) })
  }
  await waitFor(async () => (await assess({})).log === 'proved', { what: 'the proofs from both logs' })
  for (const headers of [{}, { 'if-none-match': '"something else"' }]) {
    const { verdict, reasons } = await assess(headers)
    expect({ verdict, reasons }).toEqual({ verdict: 'valid', reasons: [] })
  }
})
