/** Something that is measured once a round, and answers its rate. */
export type Contender = () => Promise<number>

/**
 * Runs every contender once a round, in turn and each round from another one on, so that a noisy moment of the machine
 * meets all of them and none always comes first. Answers the rates of each, round by round.
 */
export async function alternate<Name extends string>(
  rounds: number,
  contenders: Readonly<Record<Name, Contender | undefined>>,
): Promise<Map<Name, number[]>> {
  const present = (Object.entries(contenders) as [Name, Contender | undefined][]).flatMap(
    ([name, contender]) => (contender === undefined ? [] : [{ name, contender }]),
  )
  const rates = new Map<Name, number[]>(present.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    const first = round % present.length
    for (const { name, contender } of [...present.slice(first), ...present.slice(0, first)]) {
      const rate = await contender()
      if (!(rate > 0)) throw new Error(`${name} did nothing`)
      rates.get(name)?.push(rate)
    }
  }
  return rates
}
