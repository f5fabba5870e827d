// What the demo asks for, and what the pages say: the expected fields are read off the files under demo/site.

/** @typedef {import('./server.js').Origins} Origins */
/** @typedef {Record<string, unknown>} Fields */

/**
 * @typedef {object} DemoJob
 * @property {string} name what a reader calls it
 * @property {Record<string, unknown>} request body of POST /jobs
 * @property {Fields} [expect] fields of the result, those of `data` for a scrape_request
 */

/** The chat message, and the fields of the three pages that it leads to. */
export const chat = {
  body: {
    message: 'Please find me a hotel in Lisbon, a flight from Berlin to Lisbon and things to do in Lisbon.',
    userId: 'demo',
    sessionId: 'demo',
  },
  expect: /** @type {Record<string, Fields>} */ ({
    hotel: { name: 'Casa do Farol', price: 142, currency: 'EUR', rating: 4.7, ratingCount: 812 },
    flight: { flightNumber: 'QP571', from: 'BER', to: 'LIS', price: 129.99, currency: 'EUR' },
    attraction: { name: 'Museu da Maré', price: 12, currency: 'EUR', rating: 4.5 },
  }),
};

/** First and further delays of the flaky job, in milliseconds, before jitter. */
export const FLAKY_DELAY_MS = 1000;

/**
 * @param {string} url
 * @param {string} scrapeType
 * @param {Record<string, unknown>} [options] further members of the request
 */
const scrape = (url, scrapeType, options = {}) => ({
  type: 'scrape_request',
  payload: { url, scrapeType },
  ...options,
});

/**
 * Enqueued last of those that wait in the queue, started first.
 *
 * @param {Origins} origins
 * @returns {DemoJob}
 */
export const urgentJob = ({ stays }) => ({
  name: 'urgent: hotel, JSON-LD graph',
  request: scrape(`${stays}/hotels/miramar`, 'hotel', { priority: 'urgent' }),
  expect: {
    name: 'Gran Hotel Miramar',
    price: 210,
    currency: 'EUR',
    rating: 9.1,
    bestRating: 10,
    starRating: 5,
    checkIn: '14:00',
  },
});

/**
 * @param {Origins} origins
 * @param {string} runId tells this run's flaky page from those of earlier runs
 * @returns {DemoJob}
 */
export const flakyJob = ({ sights }, runId) => ({
  name: 'flaky: fails twice',
  // One attempt more than needed twice over: after a restart the page fails twice again.
  request: scrape(`${sights}/flaky/${runId}`, 'attraction', {
    maxAttempts: 5,
    backoff: { type: 'exponential', delay: FLAKY_DELAY_MS, jitter: 0.1 },
  }),
  expect: { name: 'River ferry', price: 6.2, currency: 'EUR', rating: 4.1 },
});

/**
 * @param {Origins} origins
 * @returns {DemoJob}
 */
export const hopelessJob = ({ fares }) => ({
  name: 'hopeless: the page is gone',
  request: scrape(`${fares}/deals/midsummer`, 'flight'),
});

/**
 * @param {Origins} origins
 * @returns {DemoJob[]}
 */
export const plainJobs = ({ stays, sights, shop }) => [
  {
    name: 'hotel, microdata',
    request: scrape(`${stays}/hotels/lindenhof`, 'hotel'),
    expect: { name: 'Pension Lindenhof', price: 89.5, currency: 'EUR', rating: 4.6, ratingCount: 87 },
  },
  {
    name: 'hotel, Open Graph',
    request: scrape(`${stays}/hotels/harbour-house`, 'hotel'),
    expect: { name: 'Harbour House', price: 118, currency: 'GBP' },
  },
  {
    name: 'hotel, plain markup',
    request: scrape(`${stays}/hotels/moorland-inn`, 'hotel'),
    expect: { name: 'The Moorland Inn', price: 96, currency: 'GBP', rating: 4.4, checkOut: '10:30' },
  },
  {
    name: 'attraction, microdata',
    request: scrape(`${sights}/terrace-gardens`, 'attraction'),
    expect: { name: 'The Terrace Gardens', price: 8.5, currency: 'EUR', rating: 4.8 },
  },
  {
    name: 'crawl of a small site',
    request: { type: 'crawl-website', payload: { url: `${sights}/`, maxPages: 3 } },
    expect: { pagesCrawled: 3 },
  },
  {
    name: 'shop: navigation, then all below it',
    request: { type: 'navigation', payload: { target_url: `${shop}/`, metadata: { follow: true } } },
    expect: { itemsProcessed: 3 },
  },
];

/** What the jobs that the shop's navigation leads to bring home: categories with two, two and one product. */
export const shopExpect = {
  types: { category: 3, product: 5 },
  products: /** @type {Record<string, Fields>} */ ({
    'Fell 2': { price: 289, currency: 'GBP', sku: 'FW-T-102', availability: 'InStock', rating: 4.6 },
    'Ridge 3': { price: 349, currency: 'GBP', sku: 'FW-T-203', availability: 'OutOfStock' },
    'Ember stove': { price: 54.9, currency: 'GBP', sku: 'FW-S-011', rating: 4.8 },
    'Kettle ring': { price: 39.5, currency: 'GBP', sku: 'FW-S-024', brand: 'Fernway' },
    'Down 400': { price: 229, currency: 'GBP', sku: 'FW-B-400', rating: 4.7 },
  }),
};
