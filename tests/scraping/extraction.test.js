// What is read off pages, by the real handlers in workerd from a real server.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixture, startHandlers, startSite } from './harness.js';

const NAMES = [
  'article',
  'attraction-entity',
  'attraction-windows-1252',
  'flight-offers',
  'flight-plain',
  'general-utf-16',
  'hotel-graph',
  'hotel-microdata',
  'hotel-opengraph',
  'hotel-plain',
  'product-broken',
  'product-group',
  'product-microdata',
  'product-shift-jis',
];

/** @type {Awaited<ReturnType<typeof startHandlers>>} */
let handlers;
/** @type {Awaited<ReturnType<typeof startSite>>} */
let site;

beforeAll(async () => {
  handlers = await startHandlers();
  site = await startSite(Object.fromEntries(NAMES.map((name) => [`/${name}`, fixture(`${name}.html`)])));
});
afterAll(async () => {
  await handlers.dispose();
  await site.close();
});

/**
 * @param {string} name
 * @param {string} scrapeType
 * @param {object} [options]
 */
async function scrape(name, scrapeType, options = {}) {
  const { result, error } = await handlers.run('scrape_request', {
    url: `${site.origin}/${name}`,
    scrapeType,
    options,
  });
  expect(error).toBeUndefined();
  return result;
}

/** @param {string} name */
async function product(name) {
  const { result } = await handlers.run('product', { target_url: `${site.origin}/${name}` });
  return result;
}

describe('hotels', () => {
  test('from a JSON-LD graph with references, entities and a broken script beside it', async () => {
    const result = await scrape('hotel-graph', 'hotel');
    expect(result.title).toBe('Hôtel Métropole & Spa – Rooms.example');
    expect(result.data).toEqual({
      name: 'Hôtel Métropole & Spa',
      description: 'Grand hotel. 150 rooms & a lake.',
      image: `${site.origin}/img/front.jpg`,
      price: 320,
      currency: 'CHF',
      priceRange: "CHF 320 - CHF 1'200",
      rating: 8.9,
      bestRating: 10,
      ratingCount: 1204,
      starRating: 5,
      address: '2 Quai du Lac, 1204 Geneva, CH',
      geo: { latitude: 46.2044, longitude: 6.1432 },
      telephone: '+41 22 000 00 00',
      amenities: ['Free Wi-Fi', 'Sauna'],
      checkIn: '15:00',
      checkOut: '11:30',
    });
  });

  test('from nested microdata with unclosed elements', async () => {
    expect((await scrape('hotel-microdata', 'hotel')).data).toEqual({
      name: 'Pension Alpenblick',
      description: 'Quiet rooms with a view',
      image: `${site.origin}/pics/house.jpg`,
      price: 89.5,
      currency: 'EUR',
      rating: 4.6,
      ratingCount: 87,
      address: 'Dorfstraße 7, 6020 Innsbruck, AT',
      geo: { latitude: 47.2692, longitude: 11.4041 },
      telephone: '+43 512 000000',
      amenities: ['Breakfast', 'Parking'],
      checkIn: '14:00',
    });
  });

  test('from Open Graph alone', async () => {
    expect((await scrape('hotel-opengraph', 'hotel')).data).toEqual({
      name: 'Riad Yasmine',
      description: 'Courtyard pool & roof terrace',
      image: 'https://cdn.example/riad.jpg',
      price: 95,
      currency: 'EUR',
      geo: { latitude: 31.6295, longitude: -7.9811 },
    });
  });

  test('from markup alone: lists, struck prices, lazy pictures', async () => {
    expect((await scrape('hotel-plain', 'hotel')).data).toEqual({
      name: 'Seaview Lodge',
      description: 'Small lodge above the bay.',
      image: `${site.origin}/photos/bay.jpg`,
      price: 118,
      currency: 'GBP',
      rating: 4.4,
      ratingCount: 1017,
      address: '12 Cliff Road, St Ives TR26',
      telephone: '01736 000000',
      amenities: ['Sea view', 'Pets welcome', 'Garden'],
      checkIn: '15:00',
      checkOut: '10:30',
    });
  });
});

describe('flights', () => {
  test('from offers and reservations, all of them', async () => {
    const { data } = await scrape('flight-offers', 'flight');
    const first = {
      airline: 'TAP Air Portugal',
      flightNumber: 'TP571',
      from: 'BER',
      fromName: 'Berlin Brandenburg',
      to: 'LIS',
      toName: 'Lisbon',
      departureTime: '2027-03-01T06:10:00+01:00',
      arrivalTime: '2027-03-01T09:00:00+00:00',
      duration: 'PT3H50M',
      price: 129.99,
      currency: 'EUR',
    };
    const second = {
      airline: 'Eurowings',
      flightNumber: 'EW8400',
      from: 'Berlin Brandenburg',
      to: 'Lisbon',
      price: 210.5,
      currency: 'EUR',
    };
    expect(data).toEqual({ ...first, name: 'Berlin to Lisbon', flights: [first, second] });
  });

  test('from a heading, a table and times', async () => {
    expect((await scrape('flight-plain', 'flight')).data).toEqual({
      name: 'Flight LH 1166: Frankfurt (FRA) → Lisbon (LIS)',
      airline: 'Lufthansa',
      flightNumber: 'LH1166',
      from: 'FRA',
      to: 'LIS',
      departureTime: '2027-05-02T09:15',
      arrivalTime: '2027-05-02T11:10',
      duration: '2 h 55 min',
      price: 187.4,
      currency: 'EUR',
    });
  });
});

describe('attractions', () => {
  test('from the main entity of a page, in JSON-LD that needs mending', async () => {
    expect((await scrape('attraction-entity', 'attraction')).data).toEqual({
      name: 'Museum of Tides',
      description: 'Everything about the sea',
      address: 'Harbour 1, Bergen',
      openingHours: ['Mo,Tu 10:00-17:00', 'Su closed'],
      isFree: false,
      price: 90,
      currency: 'NOK',
    });
  });

  test('from a windows-1252 page that does not say so', async () => {
    const { title, data } = await scrape('attraction-windows-1252', 'attraction');
    expect(title).toBe('Schloß Schönbrunn – Wien');
    expect(data).toEqual({
      name: 'Schloß Schönbrunn',
      description: 'Schönste Gärten Wiens',
      openingHours: ['Mo-Su 08:30-17:00'],
      address: 'Schönbrunner Schloßstraße 47, 1130 Wien',
      price: 29,
      currency: 'EUR',
    });
  });
});

describe('products', () => {
  test('from JSON-LD in a CDATA wrapper; related products stay out', async () => {
    const { items, success, itemsProcessed } = await product('product-group');
    expect({ success, itemsProcessed }).toEqual({ success: true, itemsProcessed: 1 });
    expect(items).toEqual([
      {
        url: `${site.origin}/product-group`,
        name: 'Trail Shoe “Fox”',
        image: 'http://cdn.example/fox.jpg',
        brand: 'Northway',
        sku: 'FX-100',
        gtin: '4006381333931',
        price: 1299,
        currency: 'EUR',
        availability: 'InStock',
        rating: 4.7,
        ratingCount: 312,
      },
    ]);
  });

  test('from microdata with values in attributes', async () => {
    expect((await product('product-microdata')).items).toEqual([
      {
        url: `${site.origin}/product-microdata`,
        name: 'Kettle "Stoke"',
        brand: 'Hearth & Co',
        sku: 'K-77',
        price: 34.99,
        currency: 'USD',
        availability: 'OutOfStock',
      },
    ]);
  });

  test('from broken markup: wrong end tags, nested anchors, a base, an unclosed quote', async () => {
    expect((await product('product-broken')).items).toEqual([
      {
        url: `${site.origin}/product-broken`,
        name: 'Walnut Desk',
        brand: 'Timber & Sons',
        sku: 'WD-12',
        image: `${site.origin}/shop/images/desk.jpg`,
        price: 1199,
        currency: 'USD',
        availability: 'InStock',
      },
    ]);
  });

  test('from a Shift_JIS page', async () => {
    expect((await product('product-shift-jis')).items).toEqual([
      { url: `${site.origin}/product-shift-jis`, name: '常滑焼の急須', price: 4800, currency: 'JPY' },
    ]);
  });

  test('a page without a product says so', async () => {
    expect(await product('article')).toMatchObject({
      success: false,
      itemsProcessed: 0,
      items: [],
      errors: ['no product data found'],
    });
  });
});

describe('pages of no particular kind', () => {
  test('tell what their main thing is', async () => {
    const { title, data } = await scrape('article', 'general');
    expect(title).toBe('How we moved | Blog');
    expect(data).toEqual({
      type: 'BlogPosting',
      name: 'How we moved',
      author: 'Ada L.',
      publishedAt: '2026-02-03',
      siteName: 'Blog',
      language: 'en',
      image: `${site.origin}/lead.jpg`,
    });
  });

  test('are read in UTF-16 by their byte order mark', async () => {
    const { title, data } = await scrape('general-utf-16', 'general', { selectors: { h: 'h1' } });
    expect(title).toBe('Ακρόπολη');
    expect(data).toEqual({ language: 'el', name: 'Η Ακρόπολη' });
  });

  test('JSON is read as JSON-LD, plain text as text, an unknown type not at all', async () => {
    site.routes['/data.json'] = {
      headers: { 'content-type': 'application/ld+json' },
      body: '{"@type":"Event","name":"Fair","startDate":"2027-01-01"}',
    };
    site.routes['/notes.txt'] = {
      headers: { 'content-type': 'text/plain' },
      body: 'Tickets cost €12 <b>only</b>',
    };
    site.routes['/photo'] = { headers: { 'content-type': 'image/png' }, body: 'x' };
    expect((await scrape('data.json', 'general')).data).toEqual({
      type: 'Event',
      name: 'Fair',
      startDate: '2027-01-01',
    });
    expect((await scrape('notes.txt', 'attraction')).data).toEqual({ price: 12, currency: 'EUR' });
    const { error } = await handlers.run('scrape_request', {
      url: `${site.origin}/photo`,
      scrapeType: 'general',
    });
    expect(error).toMatchObject({ name: 'FatalError', code: 'unsupported_content' });
  });
});

describe('custom selectors', () => {
  test('give texts, attributes, and values of elements that have no text', async () => {
    const { selected } = await scrape('article', 'general', {
      selectors: {
        tags: '.tags > li',
        link: 'article p a',
        href: 'article a@href',
        picture: 'img.lead',
        alt: 'img@alt',
        boxes: 'div.box',
        second: 'li:nth-child(2), h1',
        charset: 'meta[charset]@charset',
        none: 'table',
      },
    });
    expect(selected).toEqual({
      tags: ['one', 'two & a half'],
      link: ['a bold link'],
      href: ['/a'],
      picture: ['/lead.jpg'],
      alt: ['Lead'],
      boxes: ['inner', 'inner'],
      second: ['How we moved', 'two & a half'],
      charset: ['utf-8'],
      none: [],
    });
  });

  test.each(['h1 + p', 'a:has(b)', '..x', 'p::text'])('%s is refused for good', async (selector) => {
    const payload = {
      url: `${site.origin}/article`,
      scrapeType: 'general',
      options: { selectors: { bad: selector } },
    };
    const { error } = await handlers.run('scrape_request', payload);
    expect(error).toMatchObject({ name: 'FatalError', code: 'bad_selector' });
    expect(error?.message).toContain('"bad"');
  });
});

test('links are absolute, distinct, http(s), without fragment, and nofollow is marked', async () => {
  expect((await scrape('hotel-graph', 'hotel')).links).toEqual([
    { url: `${site.origin}/`, text: 'Home' },
    { url: `${site.origin}/hotels`, text: 'Hotels' },
    { url: `${site.origin}/hotels/metropole?room=1&copy=2`, text: 'Book' },
    { url: 'https://partner.example/x', text: 'Partner', rel: 'sponsored nofollow', nofollow: true },
  ]);
});

test('a page that is all links, cards and open elements is read whole and its result cut', async () => {
  const deep = `<h1>Deep</h1>${'<div class="card price"><a href=x>'.repeat(500)}text`;
  const many = Array.from({ length: 2000 }, (_, n) => `<a href="/p/${n}">${n}</a>`).join('');
  site.routes['/deep'] = deep + many;
  const result = await scrape('deep', 'hotel', { selectors: { all: '*' }, timeoutMs: 60_000 });
  expect(result.data.name).toBe('Deep');
  expect(result.links).toHaveLength(500);
  expect(result.selected.all.length).toBeLessThanOrEqual(200);
  expect(JSON.stringify(result.selected).length).toBeLessThan(250_000);
});

test('markup that nests without end is given up for good', async () => {
  site.routes['/bottomless'] = '<div>'.repeat(100_000);
  const { error } = await handlers.run('product', { target_url: `${site.origin}/bottomless` });
  expect(error).toMatchObject({ name: 'FatalError', code: 'unreadable_markup' });
});
