import { signSessionProof, SESSION_PROOF_LIFETIME_SECONDS_MAX } from '@arc3088/records'

import { writeAnswer } from '../answers.ts'
import { defineCommand, noArguments, required } from '../command.ts'
import { Refusal } from '../failure.ts'
import { readSignerFile } from '../keys/key-files.ts'
import { NODE_OPTIONS, originOf, publicRootAt, rootAt } from '../node/access.ts'
import { answerOf, doneOf } from '../node/answer-of.ts'
import { OFFICER_KEY_OPTION } from './proposals.ts'

/**
 * `desk sessions start`: proves that the key is at hand, and prints the token of the session that it begins. What is signed
 * is for the node that was named: one that asks for a proof to another node's challenge gets none.
 */
export const start = defineCommand(
  { url: NODE_OPTIONS.url, ...OFFICER_KEY_OPTION, 'entity-id': { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    noArguments(positionals)
    const file = required(values['officer-key'], 'officer-key')
    const signer = await readSignerFile(file, values['passphrase-file'])
    const node = publicRootAt(values, terminal)
    const { nonce, aud } = await answerOf(node.POST('/v1/desk/sessions/challenges'))
    const expected = values['entity-id'] ?? originOf(values, terminal)
    if (aud !== expected)
      throw new Refusal('challenge-of-another', `the node calls itself ${aud}, and ${expected} was asked`)
    const iat = Math.floor(terminal.now().getTime() / 1000)
    const exp = iat + SESSION_PROOF_LIFETIME_SECONDS_MAX
    const proof = await signSessionProof(signer, { aud, nonce, iat, exp })
    const session = await answerOf(node.POST('/v1/desk/sessions', { body: { proof } }))
    return await writeAnswer({ json: session, text: session.token, exitCode: 0 }, values.json, terminal)
  },
)

/** `desk sessions end`: ends the session whose token is given. */
export const end = defineCommand(NODE_OPTIONS, async ({ positionals, values }, terminal) => {
  noArguments(positionals)
  await doneOf(rootAt(values, terminal).DELETE('/v1/desk/sessions/current'))
  return await writeAnswer({ json: { ended: true }, text: 'ended', exitCode: 0 }, values.json, terminal)
})
