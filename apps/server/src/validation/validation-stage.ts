import { type ChangeEvent, type EventStage, type Logger, placeEvent } from '@eds/core'
import { readValidationRules, type ValidationRule } from './rules.js'

/** The stages that `--schema-validator` asks for. Rejects as {@link readValidationRules} does. */
export async function validationStages(
  directory: string | undefined,
  logger: Pick<Logger, 'debug'>,
): Promise<EventStage[]> {
  return directory === undefined ? [] : [validationStage(await readValidationRules(directory), logger)]
}

/**
 * Skips events of tables without a rule and events that their rule finds wrong, telling so at debug level, and gives the others the
 * object path of their rule. The rule sees the event as the source sent it, numbers as doubles.
 */
export function validationStage(rules: ReadonlyMap<string, ValidationRule>, logger: Pick<Logger, 'debug'>): EventStage {
  const skip = ({ id, table }: ChangeEvent, reason: string) => {
    logger.debug({ id, table }, `skipped by the schema validator: ${reason}`)
    return undefined
  }
  return (event) => {
    const rule = rules.get(event.table)
    if (!rule) return skip(event, `there is no rule for ${event.table}`)
    const value: unknown = JSON.parse(Buffer.from(event.bytes).toString('utf8'))
    if (!rule.validate(value)) {
      const [error] = rule.validate.errors ?? []
      return skip(event, `${error?.instancePath || 'the event'} ${error?.message ?? 'is not valid'}`)
    }
    return rule.path ? placeEvent(event, rule.path(value)) : event
  }
}
