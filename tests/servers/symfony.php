<?php
// SPDX-License-Identifier: GPL-3.0-or-later
// Sends with Symfony Mailer: symfony.php AUTOLOAD COMMAND TEXT ATTACHMENT, COMMAND being "PROGRAM -bs", "PROGRAM -t -i"
// or, for a listener, "tcp PORT".  Prints a line for each message: "sent ID", or "failed TEXT".
require $argv[1];

use Symfony\Component\Mailer\Exception\TransportExceptionInterface;
use Symfony\Component\Mailer\Transport\SendmailTransport;
use Symfony\Component\Mailer\Transport\Smtp\EsmtpTransport;
use Symfony\Component\Mime\Email;

[, , $command, $text, $attachment] = $argv;
$transport = str_starts_with($command, 'tcp ')
    ? new EsmtpTransport('127.0.0.1', (int) substr($command, 4), false)
    : new SendmailTransport($command);

function email(string $to, string $subject, string $text): Email
{
    $email = (new Email())->from('php@mail.test')->to($to)->subject($subject)->text($text);
    $email->getHeaders()->addIdHeader('Message-ID', str_replace('ü', 'ue', $subject).'@php.test');

    return $email;
}

$first = email('A <a@mail.test>', 'grün', file_get_contents($text))
    ->cc('c@mail.test')->bcc('hidden@mail.test')->attachFromPath($attachment);
$emails = [
    $first,
    email('a@mail.test', 'dots', ".\n..\nFrom here\n"),
    email('refused@mail.test', 'refused', 'no'),
    email('a@mail.test', 'last', str_repeat('x', 3000)),
];
foreach ($emails as $email) {
    try {
        $id = $transport->send($email)->getMessageId();
        echo "sent $id\n";
    } catch (TransportExceptionInterface $e) {
        echo 'failed ', strtr($e->getMessage(), "\r\n", '  '), "\n";
    }
}
