import { expect, it, onTestFinished, vi } from 'vitest'
import { main } from '../src/command-line.js'

function captured(kind: 'log' | 'error'): string[] {
  const lines: string[] = []
  const spy = vi.spyOn(console, kind).mockImplementation((line: unknown) => void lines.push(String(line)))
  onTestFinished(() => spy.mockRestore())
  return lines
}

it.each([[['--help']], [['up', '--help']], [['down', '-h']]])(
  '%j tells what there is, and does nothing',
  async (args) => {
    const [told, complaints] = [captured('log'), captured('error')]
    expect(await main(args)).toBe(0)
    expect(told).toEqual([expect.stringMatching(/^usage: services up .*\nnames: .*postgres/)])
    expect(complaints).toEqual([])
  },
)

it('says what is wrong with a command that it does not know', async () => {
  const complaints = captured('error')
  expect(await main(['sideways'])).toBe(3)
  expect(complaints).toEqual([expect.stringMatching(/^usage: services up/)])
})
