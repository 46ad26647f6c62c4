import { expect, test } from 'vitest'

import { askWitnesses } from './ask-witnesses.ts'

const addressOf = (name: string) => ({ vkey: name, url: `https://${name}.example/` })

test('a witness that does not answer in time has said nothing; the others are heard', async () => {
  const words = await askWitnesses({
    witnesses: [addressOf('mute'), addressOf('ahead')],
    askWitness: ({ vkey }) =>
      vkey === 'mute' ? Promise.race([]) : Promise.resolve({ kind: 'conflict', size: 9 }),
    shown: { size: 7, note: '' },
    proofFrom: () => Promise.resolve([]),
    shownNow: () => Promise.resolve(7),
    secondsMax: 0.02,
  })
  expect(words).toMatchObject([
    { kind: 'silent', url: 'https://mute.example/', detail: 'no answer in 0.02 seconds' },
    { kind: 'ahead', url: 'https://ahead.example/', size: 9 },
  ])
})
