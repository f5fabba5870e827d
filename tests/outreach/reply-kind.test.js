// What comes back is told apart by its headers first, then by its words.
import { describe, expect, test } from 'vitest';
import { ownWords, replyKind } from '../../scraper/lib/outreach/reply-kind.js';

const mail = (/** @type {object} */ more) => ({
  from: 'jo@shop.example',
  subject: 'Re: Your shop',
  text: 'Hello',
  ...more,
});

describe('a reply', () => {
  test.each([
    ['Sounds good, call me.'],
    ['We cannot stop talking about it!'],
    ['How do I subscribe?'],
    ['Please send me your prices.'],
    ['Yes.\n\nOn Mon, 4 Jan 2027 at 10:00, Ann <ann@us.example> wrote:\n> Write "unsubscribe" to opt out.'],
    [
      'Ja gerne.\n\nAm 04.01.2027 um 10:00 schrieb Ann <ann@us.example>:\n> Abmelden: antworten Sie mit abmelden',
    ],
    ['Fine.\n-----Original Message-----\nFrom: ann@us.example\nunsubscribe here'],
  ])('%j', (text) => {
    expect(replyKind(mail({ text }))).toBe('reply');
  });
});

describe('an opt-out', () => {
  test.each([
    ['Unsubscribe'],
    ['STOP'],
    ['stop.'],
    ['Please remove me from your list.'],
    ['Take me off this list'],
    ["Don't contact me again"],
    ['Bitte keine weiteren E-Mails.'],
    ['Ich möchte mich abmelden'],
    ['I want to opt out'],
    ['Merci de me désinscrire'],
  ])('%j', (text) => {
    expect(replyKind(mail({ text }))).toBe('opt_out');
  });

  test('by its subject', () => {
    expect(replyKind(mail({ subject: 'unsubscribe', text: '' }))).toBe('opt_out');
  });
});

describe('an absence', () => {
  test.each([
    [{ headers: { 'Auto-Submitted': 'auto-replied' } }],
    [{ headers: { 'X-Autoreply': 'yes' } }],
    [{ headers: { precedence: 'auto_reply' } }],
    [{ subject: 'Out of Office: Re: Your shop' }],
    [{ subject: 'Automatic reply: Your shop' }],
    [{ subject: 'Abwesenheitsnotiz' }],
    // What an automat says is nobody's wish.
    [{ headers: { 'auto-submitted': 'auto-replied' }, text: 'To unsubscribe write to us.' }],
  ])('%j', (more) => {
    expect(replyKind(mail(more))).toBe('out_of_office');
  });

  test('not where a person has written', () => {
    expect(replyKind(mail({ headers: { 'auto-submitted': 'no' } }))).toBe('reply');
  });
});

describe('a mail server', () => {
  const daemon = { from: 'MAILER-DAEMON@mx.example', subject: 'Undeliverable: Your shop' };
  test.each([
    [{ ...daemon, text: '550 5.1.1 No such user' }, 'bounce'],
    [{ ...daemon, text: 'The mail could not be delivered.' }, 'bounce'],
    [{ headers: { 'content-type': 'multipart/report; report-type=delivery-status' } }, 'bounce'],
    [{ headers: { 'x-failed-recipients': 'jo@shop.example' } }, 'bounce'],
    [
      {
        headers: {
          'content-type': 'multipart/report; report-type="delivery-status"',
          'x-dsn-action': 'delayed',
        },
      },
      'delay',
    ],
    [{ ...daemon, subject: 'Delivery Status Notification (Delay)', text: '4.4.1 still trying' }, 'delay'],
    [
      {
        headers: {
          'content-type': 'multipart/report; report-type=delivery-status',
          'auto-submitted': 'auto-replied',
          'x-dsn-action': 'failed',
          'x-dsn-status': '5.2.2',
        },
      },
      'bounce',
    ],
  ])('%j is a %s', (more, kind) => {
    expect(replyKind(mail(more))).toBe(kind);
  });
});

test('quoted lines are not the writer’s', () => {
  expect(ownWords('a\n> b\nc')).toBe('a\nc');
});
