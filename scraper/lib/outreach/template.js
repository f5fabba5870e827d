// Mails with the fields of their prospect and campaign: {{prospect.contact}}, or {{prospect.contact|there}}
// with a text for where there is none.

import { FatalError } from '../../errors.js';

const FIELD = /\{\{\s*([a-z_]+)\.([a-z_]+)\s*(?:\|([^{}]*))?\}\}/g;

/** @type {Record<string, readonly string[]>} */
const FIELDS = {
  prospect: ['id', 'name', 'contact', 'email', 'website', 'tier'],
  campaign: ['id', 'name'],
};

/**
 * @param {string} template
 * @param {Record<string, Record<string, any>>} values prospect and campaign
 * @returns {string}
 * @throws {FatalError} template_invalid: a field that does not exist, or braces around no field
 */
export function fill(template, values) {
  const text = template.replace(FIELD, (whole, of, field, otherwise = '') => {
    if (!FIELDS[of]?.includes(field)) {
      throw new FatalError('template_invalid', `The template has ${whole}, and there is no such field.`);
    }
    return String(values[of]?.[field] ?? otherwise.trim());
  });
  // What a value brings along is no template; only what was one to begin with is looked at.
  const left = template.replace(FIELD, '');
  if (/\{\{|\}\}/.test(left)) {
    throw new FatalError('template_invalid', 'The template has braces that are no {{field}}.');
  }
  return text;
}
