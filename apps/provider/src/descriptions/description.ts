import { z } from 'zod'

import { ScenarioName } from '@arc3088/records'

/** Most bytes of a description as JSON in UTF-8: 50 of them are a page that a node can hold for many at once. */
export const DESCRIPTION_BYTES_MAX = 64 * 1024

const LINE_MAX = 200
const TEXT_MAX = 4000
const CAPABILITIES_MAX = 100
const PERMISSIONS_MAX = 100

/** Text in Chinese, English or both; the languages in which the registry is read. */
function languageText(lengthMax: number) {
  const text = z.string().min(1).max(lengthMax)
  return z
    .strictObject({ zh: text.optional(), en: text.optional() })
    .refine(({ zh, en }) => zh !== undefined || en !== undefined, 'give it in zh, en or both')
}

/** Who decides (policy item 6): the user alone, the agent with the user's leave, or the agent by itself. */
export const DecisionAuthority = z.enum(['user-only', 'user-authorised', 'autonomous'])

/** One thing that the agent can do, and who decides that it does it. */
export const Capability = z.strictObject({
  name: z.string().min(1).max(LINE_MAX),
  description: z.string().min(1).max(TEXT_MAX).optional(),
  decision_authority: DecisionAuthority,
})
export type Capability = z.infer<typeof Capability>

/** What an agent is, as its requester describes it for review. */
export const Description = z
  .strictObject({
    name: languageText(LINE_MAX),
    summary: languageText(TEXT_MAX).optional(),
    version: z.string().min(1).max(100),
    capabilities: z
      .array(Capability)
      .min(1)
      .max(CAPABILITIES_MAX)
      .refine(isNamedOnce, 'each capability is named once'),
    /** Models, tools and data that it may use. */
    permissions: z
      .array(z.string().min(1).max(LINE_MAX))
      .max(PERMISSIONS_MAX)
      .refine((names) => new Set(names).size === names.length, 'each permission stands once'),
    scenario: ScenarioName,
  })
  .refine(
    (description) => Buffer.byteLength(JSON.stringify(description)) <= DESCRIPTION_BYTES_MAX,
    `at most ${DESCRIPTION_BYTES_MAX} bytes of JSON`,
  )
  .describe(`At most ${DESCRIPTION_BYTES_MAX} bytes of JSON in UTF-8`)
export type Description = z.infer<typeof Description>

function isNamedOnce(capabilities: readonly Capability[]): boolean {
  return new Set(capabilities.map(({ name }) => name)).size === capabilities.length
}
