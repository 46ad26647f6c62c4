import { writeAnswer } from '../answers.ts'
import { columns } from '../columns.ts'
import { defineCommand, noArguments, required } from '../command.ts'
import { NODE_OPTIONS, publicRootAt } from '../node/access.ts'
import { answerOf } from '../node/answer-of.ts'
import { writeObject } from '../node/node-answer.ts'
import { shown } from '../shown.ts'
import { APPLICANT_OPTIONS, readApplicant } from './applicants-request.ts'
import { readOwnApplication } from './own-application.ts'

/**
 * `provider status`: how far an application at a root has come. With the applicant's key, the whole of it: its steps, what
 * the desk asks for, why it was rejected; without, what anybody sees who has its id.
 */
export const status = defineCommand(
  { ...APPLICANT_OPTIONS, url: NODE_OPTIONS.url, application: { type: 'string' } },
  async ({ positionals, values }, terminal) => {
    noArguments(positionals)
    const id = required(values.application, 'application')
    if (values.keys === undefined) {
      const url = values.url ?? values.root
      const asking = publicRootAt({ url }, terminal).GET('/v1/provider-applications/{id}', {
        params: { path: { id } },
      })
      return await writeObject(await answerOf(asking), values.json, terminal)
    }
    const applicant = await readApplicant({ ...values, root: values.root ?? values.url })
    const own = await readOwnApplication(applicant, id, terminal)
    return await writeAnswer({ json: own, text: textOf(own), exitCode: 0 }, values.json, terminal)
  },
)

type Own = Awaited<ReturnType<typeof readOwnApplication>>

/** The steps, a line each, and below each what it asks for or gives as reasons. */
function textOf(own: Own): string {
  const head = columns([
    ['id', own.id],
    ['entity_id', own.entity_id],
    ['state', own.state],
    ['revision', String(own.revision)],
  ])
  const steps = own.steps.flatMap(({ at, by, to, reason, items, reasons }) => [
    `${at}  ${by}  ${to}${reason === null ? '' : `: ${shown(reason)}`}`,
    ...items.map(({ about, note }) => `    ${about}: ${shown(note)}`),
    ...reasons.map(({ ground, text }) => `    ${ground}: ${shown(text)}`),
  ])
  return [head, ...steps].join('\n')
}
