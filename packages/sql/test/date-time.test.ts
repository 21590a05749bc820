import { describe, expect, it } from 'vitest'
import { checkDateTime, toDate, toUtcTimestamp } from '../src/date-time.js'
import { UnfitValue } from '../src/unfit-value.js'

const accepted = [
  '2024-07-11T17:56:51Z',
  '2024-07-11T17:56:51.7Z',
  '2024-07-11T17:56:51.708587Z',
  '2024-07-11T17:56:51.7085870000Z',
  '2024-07-11t17:56:51z',
  '2024-07-11T17:56:51+05:30',
  '2024-07-11 17:56:51.5-0700',
  '2024-07-11 17:56:51+00',
  '2024-07-11T17:56',
  '2024-07-11',
  '2024-02-29T00:00:00Z',
  '2000-02-29T00:00:00Z',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999Z',
  '2016-12-31T23:59:60Z',
]

const refused = [
  '',
  'now',
  'today',
  'infinity',
  'epoch',
  '01/02/2024',
  '2024-07-11T17:56:51.7085871Z',
  '2024-07-11T17:56:51Zjunk',
  '2024-07-11T17:56:51.Z',
  '2024-07-11T17:56:51,5Z',
  '20240711T175651Z',
  '0000-01-01T00:00:00Z',
  '2024-00-10T00:00:00Z',
  '2024-13-10T00:00:00Z',
  '2024-07-00T00:00:00Z',
  '2024-06-31T00:00:00Z',
  '2023-02-29T00:00:00Z',
  '1900-02-29T00:00:00Z',
  '2024-07-11T24:00:00Z',
  '2024-07-11T17:60:00Z',
  '2024-07-11T17:56:61Z',
  '2024-07-11T1a:56:51Z',
  '2024-07-11T17:56:5aZ',
  'a024-07-11T17:56:51Z',
  '+10000-01-01T00:00:00Z',
  '2024-07-11T17:56:51 BC',
]

describe('date-times', () => {
  it.each(accepted)('%s is taken as it is', (text) => {
    expect(checkDateTime(text)).toBe(text)
  })

  it.each(refused)('%j is refused', (text) => {
    expect(() => checkDateTime(text)).toThrow(UnfitValue)
  })

  it.each([
    ['2024-07-11T17:56:51.708587Z', '2024-07-11T17:56:51.708587Z'],
    ['2024-07-11T17:56:51.708587+05:30', '2024-07-11T12:26:51.708587Z'],
    ['2024-07-11T23:30:00-0700', '2024-07-12T06:30:00Z'],
    ['2024-03-01T00:10:00.5+00:20', '2024-02-29T23:50:00.5Z'],
    ['0099-01-01T00:00:00-01:00', '0099-01-01T01:00:00Z'],
    ['2024-07-11', '2024-07-11'],
  ])('%s without a zone is %s', (text, utc) => {
    expect(toUtcTimestamp(text)).toBe(utc)
  })

  it('does not leave the years that PostgreSQL and RFC 3339 share', () => {
    expect(() => toUtcTimestamp('0001-01-01T00:00:00+01:00')).toThrow('out of range')
    expect(() => toUtcTimestamp('9999-12-31T23:30:00-01:00')).toThrow('out of range')
  })

  it.each([
    ['2024-07-11', '2024-07-11'],
    ['2024-07-11T00:00:00.000Z', '2024-07-11'],
  ])('%s is the day %s', (text, day) => {
    expect(toDate(text)).toBe(day)
  })

  it.each(['2024-07-11T00:00:01Z', '2024-07-11T00:00:00.001Z', '2024-07-11T00:00:00+02:00', '11.7.2024'])(
    '%s is not just a day',
    (text) => {
      expect(() => toDate(text)).toThrow(UnfitValue)
    },
  )
})
