import type { AnyAct } from '../acts/act.ts'
import { moveProvider, replaceProviderKeys } from './provider-entity.act.ts'
import { resumeProvider, retireProvider, suspendProvider } from './provider-state.act.ts'

/** What the authority can do with a provider once it is assigned. */
export const PROVIDER_LIFE_ACTS: readonly AnyAct[] = [
  suspendProvider,
  resumeProvider,
  retireProvider,
  replaceProviderKeys,
  moveProvider,
]
