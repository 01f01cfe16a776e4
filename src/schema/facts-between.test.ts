import { expect, test } from 'vitest';
import type { Changes, Facts } from './facts.ts';
import { factsBetween } from './facts-between.ts';

const none = { messages: [], fields: {}, values: {} };
const nothing: Changes = {
  added: none,
  removed: none,
  deprecated: { fields: {}, values: {} },
  rules: {},
};

const FACTS: Facts = {
  versions: ['1.1.0', '1.2.3', '1.3.0'],
  changes: {
    '1.2': {
      ...nothing,
      added: { messages: ['Came'], fields: { Old: ['came', 'stays'] }, values: { Enum: ['A'] } },
      deprecated: { fields: { Old: ['one'] }, values: {} },
      rules: { Old: { one: '' } },
    },
    '1.3': {
      added: { messages: ['New'], fields: { Old: ['last'], Came: ['late'] }, values: {} },
      removed: { messages: ['Came', 'Gone'], fields: { Old: ['came'] }, values: { Enum: ['A'] } },
      deprecated: { fields: { Old: ['stays', 'two'] }, values: { Enum: ['B'] } },
      rules: { Old: { one: 'x', stays: '' } },
    },
  },
};

test('changes add up, and what came and went is none', () => {
  expect(factsBetween(FACTS, '1.1', '1.3')).toEqual({
    from: '1.1.0',
    to: '1.3.0',
    added: { messages: ['New'], fields: { Old: ['last', 'stays'] }, values: {} },
    removed: { messages: ['Gone'], fields: {}, values: {} },
    deprecated: { fields: { Old: ['one', 'two'] }, values: { Enum: ['B'] } },
    rules: { Old: ['one'] },
  });
});

test.each([
  ['1.2', '1.1'],
  ['1.2', '1.2.4'],
  ['0.9', '1.3'],
])('%s to %s cannot be told', (from, to) => {
  expect(factsBetween(FACTS, from, to)).toBeNull();
});
