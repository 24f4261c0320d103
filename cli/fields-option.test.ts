import { Command } from 'commander';
import { expect, test } from 'vitest';
import { fieldsOption } from './fields-option.js';

const parse = (list: string) =>
  new Command().exitOverride().addOption(fieldsOption()).parse(['--fields', list], { from: 'user' }).opts().fields;

test('our names to those of the file; a column for each label or value', () => {
  expect(parse('text=question, pair=reply')).toEqual({ text: 'question', pair: 'reply' });
  expect(parse('text=comment_text,labels=toxic|threat')).toEqual({ text: 'comment_text', labels: ['toxic', 'threat'] });
  expect(parse('value=anger|joy')).toEqual({ value: ['anger', 'joy'] });
  expect(parse('labels=tags,text=a|b')).toEqual({ labels: 'tags', text: 'a|b' });
});

test('a name that is not ours is refused with the nearest, or with all', () => {
  expect(() => parse('txt=a')).toThrow(/"txt=a" names no field of ours.*did you mean text=a\?/);
  expect(() => parse('text')).toThrow(/write NAME=FIELD, NAME being one of text, pair, label, labels/);
});
