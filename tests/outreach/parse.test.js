// Raw mails as mail servers bring them.
import { expect, test } from 'vitest';
import { replyKind } from '../../scraper/lib/outreach/reply-kind.js';
import { parseMail } from '../../shim/inbound/parse.js';

/** @param {string[]} lines */
const raw = (...lines) => /** @type {ArrayBuffer} */ (new TextEncoder().encode(lines.join('\r\n')).buffer);

test('an answer: its words, and the mail that it answers', async () => {
  const mail = await parseMail(
    raw(
      'From: =?utf-8?q?J=C3=B6?= <jo@shop.example>',
      'To: ann@us.example',
      'Subject: =?utf-8?b?UmU6IEdyw7zDn2U=?=',
      'Message-ID: <a1@shop.example>',
      'In-Reply-To: <m1@mail.example>',
      'References: <m0@mail.example> <m1@mail.example>',
      'Content-Type: text/plain; charset=iso-8859-1',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'Sch=F6n!',
    ),
    'bounce+1@shop.example',
  );
  expect(mail).toMatchObject({
    messageId: '<a1@shop.example>',
    from: 'jo@shop.example',
    subject: 'Re: Grüße',
    answers: ['m1@mail.example', 'm0@mail.example'],
    recipients: [],
  });
  expect(mail.text.trim()).toBe('Schön!');
  expect(replyKind(mail)).toBe('reply');
});

test('a notice of a mail server: whom it is about, and whether it gives up', async () => {
  const mail = await parseMail(
    raw(
      'From: Mail Delivery System <MAILER-DAEMON@mx.example>',
      'Subject: Delivery Status Notification (Failure)',
      'Message-ID: <b1@mx.example>',
      'Auto-Submitted: auto-replied',
      'MIME-Version: 1.0',
      'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
      '',
      '--b',
      'Content-Type: text/plain',
      '',
      'It could not be delivered.',
      '--b',
      'Content-Type: message/delivery-status',
      '',
      'Reporting-MTA: dns; mx.example',
      '',
      'Final-Recipient: rfc822; jo@shop.example',
      'Action: failed',
      'Status: 5.1.1',
      '--b',
      'Content-Type: text/rfc822-headers',
      '',
      'Message-ID: <m1@mail.example>',
      'Subject: Your shop',
      '--b--',
    ),
    '',
  );
  expect(mail.recipients).toEqual(['jo@shop.example']);
  expect(mail.answers).toEqual(['m1@mail.example']);
  expect(mail.headers).toMatchObject({ 'x-dsn-action': 'failed', 'x-dsn-status': '5.1.1' });
  expect(replyKind(mail)).toBe('bounce');
});

test('a page without a plain part, and a mail without an id', async () => {
  const mail = await parseMail(
    raw(
      'From: jo@shop.example',
      'Content-Type: text/html',
      '',
      '<style>p{}</style><p>Please <b>unsubscribe</b></p>',
    ),
    'jo@shop.example',
  );
  expect(mail.messageId).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(replyKind(mail)).toBe('opt_out');
});
