import { type CommandContext, writerOf } from './commands.js'
import { type Firing, parseFiring } from './firing.js'
import { parseFiringName, settleNumber } from './head.js'
import type { Step } from './step.js'

/** The firing's message was published. */
export function settleSent(step: Step, firing: Firing): void {
  if (!markSettled(step, firing)) return
  step.head.counts.sent++
  forgetFiring(step, firing)
}

/** The firing's message can never be published as it is: put aside, with its events. */
export function settleRefused(step: Step, firing: Firing, error: string): void {
  if (!markSettled(step, firing)) return
  step.head.refused.push({ name: firing.name, date: firing.date, error })
}

/** Makes a firing that was put aside due again, under another name; its message keeps its id. */
export function resendRefused(step: Step, context: CommandContext, text: string): boolean {
  const firing = parseFiring(text)
  if (!takeRefused(step, firing.name)) return false
  const name = `${context.writer}-${++writerOf(step, context).fired}`
  step.firings.push({ name, text: JSON.stringify({ ...firing, name }) })
  if (firing.keep) step.head.keptDue++
  forgetRecord(step, firing.name)
  return true
}

/** Forgets a firing that was put aside, and its events. */
export function discardRefused(step: Step, text: string): boolean {
  const firing = parseFiring(text)
  if (!takeRefused(step, firing.name)) return false
  forgetFiring(step, firing)
  return true
}

function markSettled({ head }: Step, { name, keep }: Firing): boolean {
  const { writer, number } = parseFiringName(name)
  const owner = head.writers[writer]
  if (owner === undefined || !settleNumber(owner, number)) return false
  if (keep) head.keptDue--
  return true
}

function takeRefused({ head }: Step, name: string): boolean {
  const left = head.refused.filter((refusal) => refusal.name !== name)
  if (left.length === head.refused.length) return false
  head.refused = left
  return true
}

function forgetFiring(step: Step, { name, keep, endpoints }: Firing): void {
  forgetRecord(step, name)
  if (!keep) for (const { ranges } of endpoints) for (const range of ranges) step.discard(range)
}

function forgetRecord({ head }: Step, name: string): void {
  const { writer, number } = parseFiringName(name)
  head.trash.firings.push({ writer, from: number, through: number })
}
