// Numbers and amounts of money as sites write them.

/** Symbols and words to ISO 4217, longest first where one contains another. */
/** @type {readonly (readonly [string, string])[]} */
const SYMBOLS = [
  ['US$', 'USD'],
  ['CA$', 'CAD'],
  ['C$', 'CAD'],
  ['AU$', 'AUD'],
  ['A$', 'AUD'],
  ['NZ$', 'NZD'],
  ['HK$', 'HKD'],
  ['NT$', 'TWD'],
  ['MX$', 'MXN'],
  ['S$', 'SGD'],
  ['R$', 'BRL'],
  ['€', 'EUR'],
  ['£', 'GBP'],
  ['₹', 'INR'],
  ['₩', 'KRW'],
  ['₽', 'RUB'],
  ['₺', 'TRY'],
  ['₴', 'UAH'],
  ['₪', 'ILS'],
  ['฿', 'THB'],
  ['₫', 'VND'],
  ['₱', 'PHP'],
  ['₦', 'NGN'],
  ['zł', 'PLN'],
  ['Kč', 'CZK'],
  ['Fr.', 'CHF'],
  ['円', 'JPY'],
  ['¥', 'JPY'],
  ['￥', 'JPY'],
  ['元', 'CNY'],
  ['$', 'USD'],
];

// Codes that are taken for a currency when they stand next to a number; any three capitals would match words.
const CODES =
  'USD EUR GBP JPY CNY CHF CAD AUD NZD SEK NOK DKK PLN CZK HUF RON BGN TRY RUB UAH ILS INR IDR THB VND MYR ' +
  'SGD PHP HKD TWD KRW MXN BRL ARS CLP COP PEN ZAR EGP MAD KES NGN AED SAR QAR KWD BHD OMR JOD ISK GEL';
const CODE_PATTERN = new RegExp(`\\b(${CODES.replaceAll(' ', '|')})\\b`);

const NUMBER = String.raw`\d{1,3}(?:[ '\u00a0\u202f.,]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d+)?`;
const AMOUNT = new RegExp(NUMBER);

/**
 * The first number in a text, whatever it groups thousands and parts decimals with; undefined without one.
 * A separator followed by exactly three digits groups, unless it is a point and alone in "0.125".
 * @param {unknown} value
 * @returns {number | undefined}
 */
export function numberFrom(value) {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string') return undefined;
  if (/^\s*-?\d+(\.\d+)?\s*$/.test(value)) return Number(value);
  const match = AMOUNT.exec(value);
  return match ? Number(plainNumber(match[0])) : undefined;
}

/**
 * @param {string} text digits and separators
 * @returns {string} with a decimal point and nothing else
 */
function plainNumber(text) {
  const last = Math.max(text.lastIndexOf('.'), text.lastIndexOf(','));
  const decimals = last < 0 ? 0 : text.length - last - 1;
  const separators = text.match(/[.,]/g)?.length ?? 0;
  const groups = decimals === 3 && (separators > 1 || !text.startsWith('0'));
  if (last < 0 || groups) return text.replace(/\D/g, '');
  return `${text.slice(0, last).replace(/\D/g, '')}.${text.slice(last + 1)}`;
}

/**
 * The ISO 4217 code that a text names by code or symbol; undefined when it names none.
 * @param {unknown} value
 * @returns {string | undefined}
 */
export function currencyFrom(value) {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (/^[A-Za-z]{3}$/.test(text)) return text.toUpperCase();
  const code = CODE_PATTERN.exec(text);
  if (code) return code[1];
  return SYMBOLS.find(([symbol]) => text.includes(symbol))?.[1];
}

const SYMBOL_PATTERN = SYMBOLS.map(([symbol]) => symbol.replace(/[.$]/g, '\\$&')).join('|');
const CURRENCY = `(?:${SYMBOL_PATTERN}|\\b(?:${CODES.replaceAll(' ', '|')})\\b)`;
const MONEY = new RegExp(`${CURRENCY}\\s*(?:${NUMBER})|(?:${NUMBER})\\s*${CURRENCY}`);

/**
 * The first amount with a currency in a text; undefined without one.
 * @param {string} text
 * @returns {{ price: number, currency: string } | undefined}
 */
export function moneyFrom(text) {
  const match = MONEY.exec(text);
  const price = match ? numberFrom(match[0]) : undefined;
  const currency = match ? currencyFrom(match[0]) : undefined;
  return price !== undefined && currency ? { price, currency } : undefined;
}
