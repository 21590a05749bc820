import { describe, expect, it } from 'vitest'
import { companySubjects, eventSubject } from '../src/subjects.js'

describe('companySubjects', () => {
  it('makes one filter per company', () => {
    expect(companySubjects(['c1', '*'])).toEqual(['dbchange.*.*.c1.*.PUBLIC.>', 'dbchange.*.*.*.*.PUBLIC.>'])
  })

  it.each(['', 'a.b', 'a b', '>', 'a*'])('refuses the id %j', (id) => {
    expect(() => companySubjects([id])).toThrow(expect.objectContaining({ code: 'configuration' }))
  })
})

describe('eventSubject', () => {
  it.each([
    {
      event: { table: 'order', operation: 'INSERT', companyId: 'c1', locationId: 'l1' },
      subject: 'dbchange.order.INSERT.c1.l1.PUBLIC.1',
    },
    { event: { table: 'order', operation: 'DELETE' }, subject: 'dbchange.order.DELETE.NONE.NONE.PUBLIC.1' },
    {
      event: { table: 'a.b c', operation: 'UPDATE', companyId: '' },
      subject: 'dbchange.a_b_c.UPDATE.NONE.NONE.PUBLIC.1',
    },
  ])('is $subject', ({ event, subject }) => {
    expect(eventSubject(event)).toBe(subject)
  })
})
