import type { AnyAct } from '../acts/act.ts'
import { moveProvider } from './move-provider.act.ts'
import { resumeProvider, suspendProvider } from './provider-state.act.ts'
import { replaceProviderKeys } from './replace-provider-keys.act.ts'
import { retireProvider } from './retire-provider.act.ts'

/** What the authority can do with a provider once it is assigned. */
export const PROVIDER_LIFE_ACTS: readonly AnyAct[] = [
  suspendProvider,
  resumeProvider,
  retireProvider,
  replaceProviderKeys,
  moveProvider,
]
