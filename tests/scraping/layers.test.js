// Navigation, categories, products, and pages of a list.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixture, startHandlers, startSite } from './harness.js';

/** @type {Awaited<ReturnType<typeof startHandlers>>} */
let handlers;
/** @type {Awaited<ReturnType<typeof startSite>>} */
let site;

beforeAll(async () => {
  handlers = await startHandlers();
  const names = [
    'category-cards',
    'category-itemlist',
    'category-links',
    'category-table',
    'product-group',
    'article',
  ];
  site = await startSite(Object.fromEntries(names.map((name) => [`/${name}`, fixture(`${name}.html`)])));
});
afterAll(async () => {
  await handlers.dispose();
  await site.close();
});

/**
 * @param {string} type
 * @param {string} path
 * @param {object} [metadata]
 * @param {object} [more]
 */
function run(type, path, metadata = {}, more = {}) {
  return handlers.run(type, { target_url: site.origin + path, metadata }, more);
}

describe('navigation', () => {
  test('lists the categories of the main menu: no cart, no footer, not the page itself', async () => {
    const { result, enqueued } = await run('navigation', '/category-cards');
    expect(result).toMatchObject({ success: true, itemsProcessed: 2, errors: [] });
    expect(result.items).toEqual([
      { name: 'Fiction', url: `${site.origin}/fiction` },
      { name: 'Science', url: `${site.origin}/science` },
    ]);
    expect(result.duration).toBeGreaterThanOrEqual(0);
    expect(enqueued).toEqual([]);
  });

  test('takes the links near the root where no menu is marked', async () => {
    site.routes['/bare'] =
      '<a href="/tea">Tea</a><a href="/a/b/c/d">Deep</a><a href="http://else.example/x">Else</a>';
    expect((await run('navigation', '/bare')).result.items).toEqual([
      { name: 'Tea', url: `${site.origin}/tea` },
    ]);
  });

  test('says so when there is none', async () => {
    site.routes['/empty'] = '<p>nothing';
    expect((await run('navigation', '/empty')).result).toMatchObject({
      success: false,
      itemsProcessed: 0,
      errors: ['no navigation links found'],
    });
  });

  test('with metadata.follow enqueues each category once, whatever is redelivered', async () => {
    const first = await run('navigation', '/category-cards', { follow: true, shop: 'x' });
    const again = await run('navigation', '/category-cards', { follow: true, shop: 'x' });
    const elsewhere = await run('navigation', '/category-cards', { follow: true }, { jobId: 'job-2' });
    expect(first.result.enqueued).toBe(2);
    expect(first.enqueued[0]).toMatchObject({
      type: 'category',
      payload: {
        target_url: `${site.origin}/fiction`,
        metadata: { follow: true, shop: 'x', category: 'Fiction', rootJobId: 'job-1' },
      },
      correlationId: 'corr-1',
    });
    const keys = first.enqueued.map(({ uniqueKey }) => uniqueKey);
    expect(new Set(keys).size).toBe(2);
    expect(again.enqueued.map(({ uniqueKey }) => uniqueKey)).toEqual(keys);
    expect(elsewhere.enqueued.map(({ uniqueKey }) => uniqueKey)).not.toEqual(keys);
  });
});

describe('categories', () => {
  test('from cards: current prices, late pictures, whole names', async () => {
    const { result } = await run('category', '/category-cards');
    expect(result.items).toEqual([
      {
        name: 'The Long Winter Evening',
        url: `${site.origin}/book/1`,
        image: `${site.origin}/i/1.jpg`,
        price: 8.5,
        currency: 'GBP',
      },
      {
        name: 'Tides',
        url: `${site.origin}/book/2`,
        image: `${site.origin}/i/2.jpg`,
        price: 6,
        currency: 'GBP',
      },
      { name: 'Moss & Stone', url: `${site.origin}/book/3`, price: 1099, currency: 'GBP' },
    ]);
    expect(result).toMatchObject({
      success: true,
      itemsProcessed: 3,
      nextPage: `${site.origin}/fiction?page=2`,
    });
  });

  test('from a JSON-LD list, completed by the cards, other sites left out', async () => {
    const { result } = await run('category', '/category-itemlist');
    expect(result.items).toEqual([
      { name: 'Lamp A', url: `${site.origin}/lamp/a`, price: 10, currency: 'EUR' },
      {
        name: 'Lamp B',
        url: `${site.origin}/lamp/b`,
        image: `${site.origin}/b.jpg`,
        price: 20,
        currency: 'EUR',
      },
    ]);
    expect(result.nextPage).toBe(`${site.origin}/category-itemlist?page=2`);
  });

  test('from a table of the old kind', async () => {
    const { result } = await run('category', '/category-table');
    expect(result.items).toEqual([
      {
        name: 'Brass hook',
        url: `${site.origin}/item.cgi?id=1`,
        image: `${site.origin}/a.gif`,
        price: 4.2,
        currency: 'USD',
      },
      {
        name: 'Iron hook',
        url: `${site.origin}/item.cgi?id=2`,
        image: `${site.origin}/b.gif`,
        price: 3.1,
        currency: 'USD',
      },
    ]);
    expect(result.nextPage).toBe(`${site.origin}/list.cgi?c=1&p=2`);
  });

  test('from links alone', async () => {
    const { result } = await run('category', '/category-links');
    expect(result.items).toEqual([
      { name: 'Oak table', url: `${site.origin}/products/oak-table` },
      { name: 'Pine chair', url: `${site.origin}/products/pine-chair` },
    ]);
    expect(result).not.toHaveProperty('nextPage');
  });

  test('with metadata.follow enqueue their products and the next page', async () => {
    const { enqueued, result } = await run('category', '/category-cards', {
      follow: true,
      rootJobId: 'root-9',
    });
    expect(result.enqueued).toBe(4);
    expect(enqueued.map(({ type, payload }) => [type, payload.target_url])).toEqual([
      ['product', `${site.origin}/book/1`],
      ['product', `${site.origin}/book/2`],
      ['product', `${site.origin}/book/3`],
      ['category', `${site.origin}/fiction?page=2`],
    ]);
    expect(enqueued[3].payload.metadata).toEqual({ follow: true, rootJobId: 'root-9', page: 2 });
    expect(enqueued.every(({ uniqueKey }) => uniqueKey.startsWith('follow:root-9:'))).toBe(true);
  });

  test('end the chain of pages at metadata.maxPages', async () => {
    const { enqueued } = await run('category', '/category-cards', { follow: true, page: 3, maxPages: 3 });
    expect(enqueued.map(({ type }) => type)).toEqual(['product', 'product', 'product']);
  });
});

test('products enqueue nothing', async () => {
  const { enqueued, result } = await run('product', '/product-group', { follow: true });
  expect([result.success, enqueued]).toEqual([true, []]);
});

test('failures keep their kind', async () => {
  for (const type of ['navigation', 'category', 'product']) {
    expect((await run(type, '/missing')).error).toMatchObject({ name: 'FatalError', code: 'not_found' });
  }
});

describe('pages of a list', () => {
  beforeAll(() => {
    site.routes['/list'] = '<link rel=next href="/list?p=2"><h1>One</h1><a href="/x">x</a>';
    site.routes['/list?p=2'] = '<h1>Two</h1><a href="/y">y</a><a class=next href="/list?p=3">Next</a>';
    site.routes['/list?p=3'] = '<h1>Three</h1><a rel=next href="/list?p=2">again</a>';
  });

  /**
   * @param {string} path
   * @param {number} maxPages
   */
  const scrape = (path, maxPages) => {
    const options = { maxPages, selectors: { h: 'h1' } };
    return handlers.run('scrape_request', { url: site.origin + path, scrapeType: 'general', options });
  };

  test('are followed up to maxPages', async () => {
    expect((await scrape('/list', 1)).result).not.toHaveProperty('pages');
    const { result, progress } = await scrape('/list', 2);
    expect(result.selected).toEqual({ h: ['One', 'Two'] });
    expect(result.pages).toEqual([`${site.origin}/list`, `${site.origin}/list?p=2`]);
    expect(result.links.map((/** @type {any} */ link) => link.text)).toEqual(['x', 'y', 'Next']);
    expect(progress).toEqual([100]);
  });

  test('end where they go round in a circle', async () => {
    expect((await scrape('/list', 50)).result.selected.h).toEqual(['One', 'Two', 'Three']);
  });

  test('end at a page that is gone, which is noted; one that fails for now fails the job', async () => {
    site.routes['/cut'] = '<link rel=next href="/cut-2"><h1>Start</h1>';
    const { result } = await scrape('/cut', 5);
    expect(result.selected.h).toEqual(['Start']);
    expect(result.errors).toMatchObject([{ url: `${site.origin}/cut-2`, code: 'not_found' }]);
    site.routes['/cut-2'] = { status: 503 };
    expect((await scrape('/cut', 5)).error?.code).toBe('unavailable');
  });

  test('stay on their site', async () => {
    site.routes['/off'] = '<link rel=next href="http://127.0.0.1:9/2"><h1>Here</h1>';
    expect((await scrape('/off', 5)).result.selected.h).toEqual(['Here']);
  });
});
