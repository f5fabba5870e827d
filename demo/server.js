// The demo's websites: four fictitious companies, each on its own port of 127.0.0.1, so that the delay
// between requests to one host applies to each as it would on the web.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** @typedef {import('node:http').Server} Server */
/** @typedef {{ status: number, headers: Record<string, string>, body: string }} Answer */

const pages = path.join(path.dirname(fileURLToPath(import.meta.url)), 'site');

/** The folders under demo/site, a site each. */
export const siteNames = /** @type {const} */ (['stays', 'fares', 'sights', 'shop']);

/** @typedef {Record<(typeof siteNames)[number], string>} Origins by site: `http://127.0.0.1:PORT` */

/** How often a flaky page fails before it answers. */
export const FLAKY_FAILURES = 2;

const mediaTypes = { '.html': 'text/html', '.css': 'text/css', '.txt': 'text/plain' };

/**
 * @param {string} file relative to demo/site
 * @returns {Answer | undefined} undefined where there is no such file
 */
function fileAnswer(file) {
  try {
    const body = readFileSync(path.join(pages, file), 'utf8');
    const extension = /** @type {keyof typeof mediaTypes} */ (path.extname(file));
    return { status: 200, headers: { 'content-type': `${mediaTypes[extension]}; charset=utf-8` }, body };
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    throw error;
  }
}

/**
 * @param {number} status
 * @param {string} title
 * @returns {Answer}
 */
function errorAnswer(status, title) {
  const body = `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1></html>\n`;
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

/**
 * A search leads to the page about what was looked for: ?place=Lisbon to /lisbon, ?from=Berlin&to=Lisbon to
 * /berlin-lisbon.
 *
 * @param {URLSearchParams} query
 * @returns {Answer}
 */
function searchAnswer(query) {
  const words = [query.get('from'), query.get('to'), query.get('place')].filter((word) => word);
  const slug = words
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  return { status: 302, headers: { location: `/${slug}` }, body: '' };
}

/** One site's answers. */
class Site {
  /** @type {Map<string, number>} requests of each flaky path */
  #flakyRequests = new Map();

  /** @param {string} name */
  constructor(name) {
    this.name = name;
  }

  /**
   * @param {URL} url
   * @returns {Answer}
   */
  answer({ pathname, searchParams }) {
    if (!/^(\/[a-z0-9-]+)*(\/|\.css|\.txt)?$/.test(pathname)) return errorAnswer(404, 'Page not found');
    if (pathname === '/style.css') return fileAnswer('style.css') ?? errorAnswer(404, 'Page not found');
    if (pathname === '/search') return searchAnswer(searchParams);
    if (pathname.startsWith('/flaky')) return this.#flakyAnswer(pathname);
    const file = pathname === '/' ? 'index.html' : /\.\w+$/.test(pathname) ? pathname : `${pathname}.html`;
    return fileAnswer(path.join(this.name, file)) ?? errorAnswer(404, 'Page not found');
  }

  /**
   * Any path that begins with /flaky is out of order at first.
   *
   * @param {string} pathname
   * @returns {Answer}
   */
  #flakyAnswer(pathname) {
    const count = (this.#flakyRequests.get(pathname) ?? 0) + 1;
    this.#flakyRequests.set(pathname, count);
    if (count <= FLAKY_FAILURES) return errorAnswer(503, 'Back in a moment');
    return fileAnswer(path.join(this.name, 'flaky.html')) ?? errorAnswer(404, 'Page not found');
  }
}

/**
 * @param {Server} server
 * @param {number} port 0: any
 * @returns {Promise<number>} the port it listens on; rejects when it is taken
 */
function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      const address = /** @type {import('node:net').AddressInfo} */ (server.address());
      resolve(address.port);
    });
  });
}

/**
 * Serves the sites. Ports are given back in `ports`: started again with them, a job that was left over from
 * the last time still finds its page.
 *
 * @param {Record<string, number>} [wanted] port by site; one that is taken, or missing, becomes any free one
 * @returns {Promise<{ origins: Origins, ports: Record<string, number>, close: () => void }>}
 */
export async function serveSites(wanted = {}) {
  /** @type {Record<string, number>} */
  const ports = {};
  /** @type {Server[]} */
  const servers = [];
  for (const name of siteNames) {
    const site = new Site(name);
    const server = createServer((request, response) => {
      const { status, headers, body } = site.answer(new URL(request.url ?? '/', 'http://site'));
      response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body);
    });
    servers.push(server);
    ports[name] = await listen(server, wanted[name] ?? 0).catch(() => listen(server, 0));
  }
  const origins = Object.fromEntries(siteNames.map((name) => [name, `http://127.0.0.1:${ports[name]}`]));
  const close = () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  };
  return { origins: /** @type {Origins} */ (origins), ports, close };
}

/**
 * @param {Origins} origins
 * @returns {{ SITES: string, ALLOW_PRIVATE_HOSTS: string }} variables for chat and for scraping
 */
export function siteVariables(origins) {
  const templates = [
    { scrapeType: 'hotel', url: `${origins.stays}/search?place={place}` },
    { scrapeType: 'flight', url: `${origins.fares}/search?from={from}&to={to}` },
    { scrapeType: 'attraction', url: `${origins.sights}/search?place={place}` },
  ];
  const hosts = Object.values(origins).map((origin) => new URL(origin).host);
  return { SITES: JSON.stringify(templates), ALLOW_PRIVATE_HOSTS: hosts.join(',') };
}
