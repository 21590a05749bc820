import { simulate } from '@eds/testkit'
import { describe, expect, it } from 'vitest'

const seeds = 1_000
const perTest = 100

describe('the pipeline in simulated worlds', () => {
  it.each(Array.from({ length: seeds / perTest }, (_, index) => index * perTest + 1))(
    `keeps its promises in ${perTest} worlds from seed %i`,
    async (first) => {
      for (let seed = first; seed < first + perTest; seed++) {
        const { violations, trace } = await simulate(seed)
        expect(violations, `replay with: npm run simulate -- --seed ${seed}\n${trace.slice(-40).join('\n')}`).toEqual(
          [],
        )
      }
    },
  )

  it('does the same again for the same seed', async () => {
    const [first, second] = [await simulate(7, { trace: true }), await simulate(7, { trace: true })]
    expect(first.trace.length).toBeGreaterThan(20)
    expect(second.trace).toEqual(first.trace)
  })

  it('does something else for another seed', async () => {
    const [first, second] = [await simulate(7, { trace: true }), await simulate(8, { trace: true })]
    expect(second.trace).not.toEqual(first.trace)
  })
})
