import { EdsError } from '@eds/core'

const token = /^[^\s.*>]+$/

/**
 * One filter subject per company: `dbchange.*.*.<companyId>.*.PUBLIC.>`. The company `*` stands for all.
 *
 * @throws EdsError `configuration` for an id that cannot be part of a subject.
 */
export function companySubjects(companyIds: readonly string[], root = 'dbchange'): string[] {
  return companyIds.map((id) => {
    if (id !== '*' && !token.test(id)) {
      throw new EdsError('configuration', `"${id}" is not a company id: it may not hold dots, spaces, * or >`)
    }
    return `${root}.*.*.${id}.*.PUBLIC.>`
  })
}

/** What decides an event's subject. */
export interface SubjectFacts {
  readonly table: string
  readonly operation: string
  readonly companyId?: string
  readonly locationId?: string
}

/** `dbchange.<table>.<operation>.<companyId>.<locationId>.PUBLIC.1`; what is absent is `NONE`. */
export function eventSubject(event: SubjectFacts, root = 'dbchange'): string {
  const parts = [event.table, event.operation, event.companyId || 'NONE', event.locationId || 'NONE']
  return `${root}.${parts.map(asToken).join('.')}.PUBLIC.1`
}

/** Subjects know no escapes, so what may not be in a token becomes an underscore; the event itself keeps the real name. */
function asToken(text: string): string {
  return text.replace(/[\s.*>]/g, '_')
}
