// Templates take the fields that there are and refuse what would go out as braces.
import { expect, test } from 'vitest';
import { fill } from '../../scraper/lib/outreach/template.js';

const values = {
  prospect: { name: 'Acme', contact: null, website: 'x{{campaign.name}}' },
  campaign: { name: 'May' },
};

test('fields and their replacements', () => {
  expect(
    fill(
      'Hi {{prospect.contact|there}}, {{ prospect.name }} and {{campaign.name}}{{prospect.email}}.',
      values,
    ),
  ).toBe('Hi there, Acme and May.');
});

test('what a value brings along stays as it is', () => {
  expect(fill('{{prospect.website}}', values)).toBe('x{{campaign.name}}');
});

test.each(['{{prospect.password}}', '{{user.name}}', 'Hi {{name}}', 'Hi {{ prospect.name }', '}}'])(
  '%s',
  (text) => {
    expect(() => fill(text, values)).toThrow(expect.objectContaining({ code: 'template_invalid' }));
  },
);
