import { writeFileSync } from 'node:fs'

import { writeAnswer } from '../answers.ts'
import { defineCommand, onlyArgument } from '../command.ts'
import { Refusal } from '../failure.ts'
import { readSignerFile } from './key-files.ts'

/** `keys public`: the public half of a key file, which is what others are given. */
export const showPublic = defineCommand(
  { out: { type: 'string' }, 'passphrase-file': { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    const { publicJwk } = await readSignerFile(
      onlyArgument(positionals, 'key file'),
      values['passphrase-file'],
    )
    const text = JSON.stringify(publicJwk)
    if (values.out === undefined)
      return await writeAnswer({ json: publicJwk, text, exitCode: 0 }, values.json, terminal)
    try {
      writeFileSync(values.out, `${text}\n`, { flag: 'wx' })
    } catch (error) {
      throw new Refusal(
        'file-exists',
        `${values.out}: ${error instanceof Error ? error.message : String(error)}`,
      )
    }
    const { kid } = publicJwk
    return await writeAnswer(
      { json: { file: values.out, kid }, text: `${kid}  ${values.out}`, exitCode: 0 },
      values.json,
      terminal,
    )
  },
)
