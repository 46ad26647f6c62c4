import {
  INDICATORS_TTL_SECONDS,
  signIndicators,
  type CompactJws,
  type Figures,
  type Indicators,
} from '@arc3088/records'
import { numericDate } from '@arc3088/service'

import { stageOf } from '../agreements/known-agreement.ts'
import { readStepTimes } from '../applications/application-step.store.ts'
import type { RootDeps } from '../deps.ts'
import { countApplications } from './application-count.store.ts'
import { countBy, providerFigures } from './figures.ts'

/** Figures of the moment, and the same signed. */
export interface SignedFigures {
  readonly indicators: Indicators
  readonly jws: CompactJws
}

/** Signed figures are good for an hour; after a minute there are newer ones. */
const LIFETIME_SECONDS = 3600

/**
 * Builds the reader of a root's figures. What they say of providers, agreements, advisories and certifiers is counted from
 * what is proved; of applications, which nobody decided yet, from rows. They are counted once a minute, whoever asks.
 */
export function createIndicators(deps: RootDeps): () => Promise<SignedFigures> {
  let kept: { readonly iat: number; readonly figures: Promise<SignedFigures> } | undefined
  return async () => {
    const now = deps.node.ambient.now()
    const iat = numericDate(now)
    if (kept !== undefined && kept.iat <= iat && iat < kept.iat + INDICATORS_TTL_SECONDS)
      return await kept.figures
    const figures = sign(deps, now)
    kept = { iat, figures }
    figures.catch(() => {
      kept = undefined
    })
    return await figures
  }
}

async function sign(deps: RootDeps, now: Date): Promise<SignedFigures> {
  const iat = numericDate(now)
  const figures = await readFigures(deps, now)
  const indicators = { iss: deps.node.entityId, iat, exp: iat + LIFETIME_SECONDS, figures }
  return { indicators, jws: await signIndicators(deps.node.keys.active('federation'), indicators) }
}

async function readFigures(deps: RootDeps, now: Date): Promise<Figures> {
  const { db } = deps.node
  const [providers, agreements, advisories, certifiers, byState, steps] = await Promise.all([
    deps.lives.all(),
    deps.agreements.all(),
    deps.lists.advisories.standing(),
    deps.lists.certifiers.standing(),
    countApplications(db),
    readStepTimes(db, { since: BEGINNING, until: new Date(now.getTime() + 1) }),
  ])
  const counted = providerFigures(providers, now)
  const stages = agreements.map((agreement) => stageOf(agreement, agreements, numericDate(now)))
  return {
    providers: counted,
    codes: Object.entries(counted.by_state).map(([state, count]) => ({
      level: 'provider',
      status: state,
      count,
    })),
    agreements: { total: agreements.length, by_state: countBy(stages, (stage) => stage) },
    applications: {
      unproven: true,
      total: Object.values(byState).reduce((sum, count) => sum + count, 0),
      by_state: byState,
      steps: steps.map(({ state, count, medianSeconds, p90Seconds }) => ({
        step: state,
        count,
        median_seconds: Math.round(medianSeconds),
        p90_seconds: Math.round(p90Seconds),
      })),
    },
    advisories: {
      total: advisories.entries.length,
      by_state: countBy(advisories.entries, ({ state }) => state),
    },
    certifiers: {
      total: certifiers.entries.length,
      by_state: countBy(certifiers.entries, ({ state }) => state),
    },
  }
}

/** Before the first node of any root. */
const BEGINNING = new Date(0)
