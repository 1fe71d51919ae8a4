// SPDX-License-Identifier: GPL-3.0-or-later
// Sends with nodemailer: client.mjs MODULE HOW WHERE TEXT ATTACHMENT, HOW being
//   bs        over `WHERE -bs`, which gets the connection as standard input and output
//   tcp       to the listener at 127.0.0.1 port WHERE
//   sendmail  by nodemailer's transport for a program, WHERE
// Prints a line for each message: "sent RESPONSE", or "failed CODE RESPONSE".
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [module, how, where, text, attachment] = process.argv.slice(2);
const nodemailer = (await import(pathToFileURL(module))).default;
const folder = mkdtempSync(join(tmpdir(), 'nodemailer-'));
const children = [];
let server;

// As inetd does it: the process has one socket as its input and output.
async function bridge() {
  server = createServer({ pauseOnConnect: true }, (socket) => {
    const child = spawn(where, ['-bs'], { stdio: [socket, socket, 'inherit'] });
    children.push(new Promise((resolve) => child.once('exit', (code) => resolve(code))));
    child.once('spawn', () => socket.destroy());
  });
  await new Promise((resolve) => server.listen(join(folder, 'socket'), resolve));
}

async function transporter() {
  const common = { pool: true, maxConnections: 1, tls: { rejectUnauthorized: false } };
  if (how === 'sendmail') return nodemailer.createTransport({ sendmail: true, newline: 'unix', path: where });
  if (how === 'tcp') return nodemailer.createTransport({ ...common, host: '127.0.0.1', port: Number(where) });
  await bridge();
  return nodemailer.createTransport({
    ...common,
    getSocket(_, done) {
      const connection = connect(join(folder, 'socket'), () => done(null, { connection }));
    },
  });
}

const mails = [
  { to: 'A <a@mail.test>', cc: 'c@mail.test', bcc: 'hidden@mail.test', subject: 'grün',
    text: readFileSync(text, 'utf8'), attachments: [{ path: attachment }] },
  { to: 'a@mail.test', subject: 'reports', text: '.\n..\n',
    dsn: { id: 'a b', return: 'headers', notify: ['failure', 'delay'], recipient: 'old@mail.test' } },
  { to: 'refused@mail.test', subject: 'refused', text: 'no' },
  { to: 'a@mail.test', subject: 'last', text: 'x'.repeat(3000) },
];
const transport = await transporter();
for (const mail of mails) {
  try {
    const messageId = `<${mail.subject.replace('ü', 'ue')}@node.test>`;
    const sent = await transport.sendMail({ from: 'Node <node@mail.test>', messageId, ...mail });
    console.log('sent', sent.response);
  } catch (err) {
    console.log('failed', err.responseCode ?? err.message, err.response ?? '');
  }
}
transport.close();
console.log('statuses', (await Promise.all(children)).join(' '));
server?.close();
rmSync(folder, { recursive: true });
