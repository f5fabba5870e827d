// Every bound of the handlers, with its unit and the reason for its size.

/** Bytes of one decoded body. What is larger is a dump or a file, not a page; an isolate has 128 MB. */
export const BODY_BYTES_MAX = 5 * 1024 * 1024;

/** Bytes of robots.txt that are read; the rest is ignored. RFC 9309 section 2.5 asks for at least 500 KiB. */
export const ROBOTS_BYTES_MAX = 500 * 1024;

/** Redirects followed for one request. RFC 9309 section 2.3.1.2 names the same five for robots.txt. */
export const REDIRECTS_MAX = 5;

/** Characters of a URL, as in the payload schemas. */
export const URL_LENGTH_MAX = 2048;

/** Milliseconds for one request, from its start to its body's last byte, unless options.timeoutMs says. */
export const REQUEST_TIMEOUT_MS = 20_000;

/** Milliseconds for fetching one robots.txt. */
export const ROBOTS_TIMEOUT_MS = 10_000;

/** Milliseconds that a robots.txt stays usable: RFC 9309 section 2.4 forbids more than 24 hours. */
export const ROBOTS_TTL_MS = 24 * 60 * 60 * 1000;

/** Milliseconds that a robots.txt is kept at least, whatever its Cache-Control says. */
export const ROBOTS_TTL_MIN_MS = 5 * 60 * 1000;

/** Milliseconds before an unreachable robots.txt is asked for again. */
export const ROBOTS_RETRY_MS = 60_000;

/** Bytes of all cached robots.txt together in one isolate. */
export const ROBOTS_CACHE_BYTES_MAX = 8 * 1024 * 1024;

/** Origins in the robots.txt cache of one isolate. */
export const ROBOTS_CACHE_ENTRIES_MAX = 500;

/** Milliseconds of a robots.txt Crawl-delay that are honoured; some sites ask for hours. */
export const CRAWL_DELAY_MAX_MS = 10_000;

/** Milliseconds between two request starts to a host, unless HOST_DELAY_MS says. */
export const HOST_DELAY_MS = 1000;

/** Requests under way to one host, unless SCRAPE_CONCURRENCY says. */
export const HOST_CONCURRENCY = 3;

/** Hosts whose turns one isolate remembers. */
export const HOSTS_MAX = 1000;

/** Milliseconds a job waits for its turn at a host; a longer queue snoozes it. Under the 30 s job limit. */
export const HOST_WAIT_MAX_MS = 10_000;

/** Milliseconds after which a place at a host is free again though nobody gave it back: the longest job. */
export const HOST_PLACE_MAX_MS = 10 * 60 * 1000;

/** Milliseconds of a Retry-After that are believed: the longest delay that a queue can keep. */
export const RETRY_AFTER_MAX_MS = 24 * 60 * 60 * 1000;

/** Bytes in which a page may name its encoding: the WHATWG HTML Standard's prescan. */
export const PRESCAN_BYTES = 1024;

/** Characters of one attribute value that are kept; data: URLs are longer. */
export const ATTRIBUTE_CHARS_MAX = 8192;

/** Characters of one piece of captured text. */
export const TEXT_CHARS_MAX = 5000;

/** Characters of visible page text that the heuristics look at. */
export const PAGE_TEXT_CHARS_MAX = 20_000;

/** Characters of one JSON-LD script. */
export const JSON_LD_CHARS_MAX = 512 * 1024;

/** JSON-LD scripts of one page. */
export const JSON_LD_SCRIPTS_MAX = 50;

/** Microdata items of one page, nested ones included. */
export const MICRODATA_ITEMS_MAX = 1000;

/** Links of one page, and of one result. */
export const LINKS_MAX = 500;

/** Product cards of one listing page. */
export const CARDS_MAX = 500;

/** Navigation links of one page. */
export const NAV_LINKS_MAX = 300;

/** Label and value pairs of one page. */
export const FACTS_MAX = 200;

/** Texts of one custom selector. */
export const SELECTED_MAX = 200;

/** Texts captured at the same time: each costs a step per piece of text, so deep garbage would square. */
export const CAPTURES_MAX = 256;

/** Characters of all selected texts of one page: a careless selector matches a page many times over. */
export const SELECTED_CHARS_MAX = 200_000;

/** Levels of open elements that an implied end tag looks up through; bounds the work on deep garbage. */
export const IMPLIED_END_DEPTH = 64;

/** Pages that one follow chain may add by pagination. */
export const FOLLOW_PAGES_MAX = 100;

/** Pages crawled between two checkpoints. */
export const CHECKPOINT_PAGES = 5;

/** URLs that a crawl tries for each page that it may return; some fail, some are off the site. */
export const CRAWL_TRIES_PER_PAGE = 3;

/** URLs that a crawl remembers. */
export const CRAWL_QUEUE_MAX = 5000;

/** UTF-8 bytes of a result as JSON: under D1's 1,000,000 for a row with room for the rest of it. */
export const RESULT_BYTES_MAX = 900_000;

/** Milliseconds for one request to an e-mail provider, from its start to its answer's last byte. */
export const MAIL_TIMEOUT_MS = 20_000;

/** Bytes of an answer that is read for its message: e-mail provider, AI service. */
export const ANSWER_BYTES_MAX = 64 * 1024;

/** Milliseconds for which a provider knows an Idempotency-Key: Resend keeps it 24 hours; an hour to spare. */
export const MAIL_KEY_LIFETIME_MS = 23 * 60 * 60 * 1000;

/** Milliseconds until a mail is tried again for which the provider has no room and does not say when. */
export const MAIL_BUSY_MS = 60_000;

/** The same where a quota of a day or a month is used up. */
export const QUOTA_WAIT_MS = 60 * 60 * 1000;

/** Milliseconds for one webhook delivery: what Standard Webhooks recommends at the most is 30 s. */
export const WEBHOOK_TIMEOUT_MS = 20_000;

/** Bytes of a refused webhook's answer that its error quotes. */
export const WEBHOOK_QUOTE_BYTES = 300;

/** Bytes of an AI service's answer: the longest result that a job may have. */
export const AI_ANSWER_BYTES_MAX = 1024 * 1024;

/** Milliseconds for one request to an AI service over fetch: a job's longest time; its own ends it sooner. */
export const AI_TIMEOUT_MS = 10 * 60 * 1000;

/** Tokens that a model may answer with unless the payload says; Workers AI's own default cuts an article. */
export const AI_TOKENS = 1024;

/** Items in one statement of an import: D1's guidance for bulk writes. */
export const IMPORT_CHUNK_ITEMS = 1000;

/** UTF-8 bytes of one statement's items: D1 takes 2,000,000 in a parameter, the rest is room to spare. */
export const IMPORT_CHUNK_BYTES = 1_900_000;

/**
 * Results of a search engine that are looked at for a prospect's website; further ones are seldom its own.
 */
export const SEARCH_RESULTS_MAX = 5;

/** Milliseconds for one question to a search engine. */
export const SEARCH_TIMEOUT_MS = 15_000;

/** Pages beside the front page that are read for an address. */
export const CONTACT_PAGES_MAX = 4;

/** Milliseconds for which a lock is taken where its taker says nothing: the longest time of a job. */
export const LOCK_TTL_MS = 10 * 60 * 1000;

/** Characters that are kept of a reply's text. */
export const REPLY_TEXT_MAX = 100_000;

/** Milliseconds without mail for a prospect who is out of office: most absences are over in a week. */
export const SNOOZE_ABSENT_MS = 7 * 24 * 60 * 60 * 1000;

/** Milliseconds for one request to Supabase. */
export const SUPABASE_TIMEOUT_MS = 30_000;

/** Milliseconds until a sync is tried again for which Supabase has no room and does not say when. */
export const SUPABASE_BUSY_MS = 60_000;

/** Prospects that one run of a producer enqueues at most; the next run goes on. */
export const MAILS_MAX = 100;
export const ENRICH_WEBSITES_MAX = 50;
export const ENRICH_ADDRESSES_MAX = 20;

/** Milliseconds until a producer looks again at a prospect that it has enqueued. */
export const PRODUCE_AGAIN_MS = 24 * 60 * 60 * 1000;

/** Rows of one sync, and changes that one tick turns into syncs. */
export const SYNC_IDS_MAX = 200;
export const SYNC_ROWS_MAX = 2000;
