// What a mail that came back is: somebody's answer, an opt-out, an absence, or a mail server's notice.

/** @typedef {'reply' | 'bounce' | 'delay' | 'out_of_office' | 'opt_out'} ReplyKind */
/** @typedef {{ from: string, subject: string, text: string, headers?: Record<string, string> }} Mail */

/** @param {string[]} patterns */
function anyOf(...patterns) {
  return new RegExp(patterns.join('|'), 'i');
}

const DAEMON = /\b(mailer-daemon|postmaster|mail-daemon)@|mail delivery (sub)?system/i;
const BOUNCE_SUBJECT = anyOf(
  'undeliver(able|ed)|delivery (status notification|failure|has failed)|failure notice|returned mail',
  'mail delivery failed|unzustellbar',
);
/** RFC 3463: a status that begins with 4 passes. */
const PERMANENT_STATUS = /\b5\.\d{1,3}\.\d{1,3}\b|\b55[0-4]\b/;
const PASSING_STATUS = /\b4\.\d{1,3}\.\d{1,3}\b|delay(ed)?|will (be )?retr|still trying/i;

const ABSENT_SUBJECT = anyOf(
  'out of (the )?office|automatic reply|auto(matische antwort|-?reply|-?response)|abwesen',
  'away from (the |my )?(office|desk)|on (vacation|holiday|leave)|réponse automatique|absence',
  'fuera de (la )?oficina|respuesta automática',
);

const OPT_OUT = anyOf(
  String.raw`\b(un-?subscribe|opt[ -]?out|remove me|take me off|no more (e-?mails|messages))\b`,
  String.raw`\b(stop|do not|don't|never) (e-?mail|contact|writ|messag|send)(ing|e)?\b`,
  String.raw`\b(abmelden|austragen|keine (weiteren )?(e-?mails|werbung))\b`,
  String.raw`\bnicht mehr (anschreiben|kontaktieren)\b`,
  String.raw`\b(désinscri(re|ption)|désabonn|darse de baja|cancella(mi|re))\b`,
);
/** A line behind which a mail quotes another. */
const QUOTED = anyOf(
  String.raw`^\s*(on .{5,200} wrote:|am .{5,200} schrieb.*:)\s*$`,
  String.raw`^\s*(le .{5,200} a écrit ?:|el .{5,200} escribió:)\s*$`,
  String.raw`^\s*-{2,}\s*(original message|ursprüngliche nachricht|forwarded message)`,
  String.raw`^\s*(from|von|de): .+@`,
);

/** The whole of a short answer. */
const STOP = /^\s*["'(]?(stop|unsubscribe|remove|abmelden|baja)[.!)"']*\s*$/i;

/**
 * @param {Mail} mail
 * @returns {ReplyKind}
 */
export function replyKind({ from, subject, text, headers = {} }) {
  const header = headerOf(headers);
  if (isNotice(from, subject, header)) return noticeKind(subject, text, header);
  if (isAutomatic(subject, header)) return 'out_of_office';
  const own = ownWords(text);
  if (OPT_OUT.test(own) || STOP.test(own) || STOP.test(subject) || /^\s*unsubscribe\b/i.test(subject)) {
    return 'opt_out';
  }
  return 'reply';
}

/**
 * @param {Record<string, string>} headers
 * @returns {(name: string) => string} any spelling; '' where missing
 */
function headerOf(headers) {
  const known = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return (name) => known.get(name) ?? '';
}

/** @param {string} from @param {string} subject @param {(name: string) => string} header */
function isNotice(from, subject, header) {
  if (/report-type="?delivery-status/i.test(header('content-type'))) return true;
  if (header('x-failed-recipients') !== '') return true;
  return DAEMON.test(from) && (BOUNCE_SUBJECT.test(subject) || header('return-path').trim() === '<>');
}

/** A mail server gives up, or only says that it goes on trying. @param {string} subject @param {string} text
 * @param {(name: string) => string} header */
function noticeKind(subject, text, header) {
  const action = header('x-dsn-action').toLowerCase();
  if (action === 'failed') return 'bounce';
  if (action !== '') return 'delay';
  const status = `${header('x-dsn-status')} ${subject} ${text}`;
  return !PERMANENT_STATUS.test(status) && PASSING_STATUS.test(status) ? 'delay' : 'bounce';
}

/** RFC 3834 and what was used before it. @param {string} subject @param {(name: string) => string} header */
function isAutomatic(subject, header) {
  const submitted = header('auto-submitted').trim().toLowerCase();
  if (submitted !== '' && !submitted.startsWith('no')) return true;
  if (header('x-autoreply') !== '' || header('x-autorespond') !== '') return true;
  if (/auto[_-]?reply/i.test(header('precedence'))) return true;
  return ABSENT_SUBJECT.test(subject);
}

/**
 * What the sender has written, without what the mail quotes: our own unsubscribe line is no wish.
 * @param {string} text
 */
export function ownWords(text) {
  const lines = [];
  for (const line of text.split(/\r?\n/)) {
    if (QUOTED.test(line)) break;
    if (!/^\s*>/.test(line)) lines.push(line);
  }
  return lines.join('\n').trim();
}
