#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Servers as people meet them: what the big providers, appliances, bridges and home-made servers answer.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/field/rows.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good selfsigned
FINGERPRINT=$(ca_fingerprint selfsigned)
export CA

long=$(printf ' sorry%.0s' {1..650})
hundred=$(printf '550-5.1.1 line %d\\r\\n' {1..100})'550 5.1.1 no'
export long hundred
rows 9<<'ROWS'
# ---- greetings ----
= a host of a web hotel greets with its terms of use
reply greeting=220-shared7.example.org ESMTP Exim 4.98 Mon, 30 Nov 2026 08:00:00 +0000\r\n220-We do not authorize the use of this system to transport unsolicited,\r\n220 and/or bulk e-mail.

= a greeting whose last line is the bare code
reply greeting=220-This relay is watched.\r\n220-Abuse is reported.\r\n220

= a greeting that is nothing but 220
reply greeting=220

= a firewall has overwritten the greeting with asterisks
reply greeting=220 ****************************************************************0*2******0***********

= a provider that calls itself Esmtp, with SMTP in no place
reply greeting=220 smtp.mail.example Esmtp QQ-like Server

= a greeting in Latin-1
reply greeting=220 bo\xeete.example.org pr\xeat

= the greeting comes in single octets
sink --drip greeting
reply greeting=220 x

= an appliance ends its lines with LF alone
reply greeting=220 printer ready\n

= a server that is shutting down greets with 421
reply greeting=421 4.3.2 mx7 is shutting down, come back later
exit 75
says ^posthaste: .*421 4\.3\.2 mx7 is shutting down

= a virus scanner in between says that the real server is away
reply greeting=451 Request action aborted on proxy, SMTP server is not available.
exit 75
says 451 Request action aborted on proxy

= a list of blocked addresses answers in the greeting
reply greeting=554-mx.example.org\r\n554 Your access to this mail system has been rejected due to poor reputation
exit 69
says 554.*poor reputation

= an SSH server listens on that port
reply greeting=SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n
exit 76
rude
says SSH-2\.0

= an IMAP server listens on that port
reply greeting=* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n
exit 76
rude
says IMAP4rev1

= a POP3 server listens on that port
reply greeting=+OK POP3 ready\r\n
exit 76
rude
says POP3 ready

= a web server answers with a page
reply greeting=HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n
exit 76
rude
says HTTP/1\.1

# ---- EHLO ----
= keywords in lower case
reply ehlo=250-mail.example.org\r\n250-size 1000000\r\n250-pipelining\r\n250-8bitmime\r\n250 dsn
do posthaste -N failure -R hdrs bob@example.org
sent MAIL FROM:<alice@example.org>.*RET=HDRS
sent RCPT TO:<bob@example.org> NOTIFY=FAILURE

= every keyword twice
reply ehlo=250-mail.example.org\r\n250-SIZE 1000000\r\n250-SIZE 1000000\r\n250-8BITMIME\r\n250-8BITMIME\r\n250-DSN\r\n250 DSN

= SIZE 0: no limit is known
reply ehlo=250-mail.example.org\r\n250-SIZE 0\r\n250 8BITMIME
sent MAIL FROM:<alice@example.org> SIZE=

= SIZE without a number
reply ehlo=250-mail.example.org\r\n250-SIZE\r\n250 8BITMIME
sent MAIL FROM:<alice@example.org> SIZE=

= SIZE with a number beyond 64 bits
reply ehlo=250-mail.example.org\r\n250-SIZE 99999999999999999999999\r\n250 8BITMIME

= SIZE=NUMBER, with an equals sign
reply ehlo=250-mail.example.org\r\n250-SIZE=35882577\r\n250 8BITMIME

= blanks at the ends of the lines, and two between words
reply ehlo=250-mail.example.org \r\n250-SIZE  1000000 \r\n250 8BITMIME \r\n

= the reply to EHLO ends with "250 Ok"
reply ehlo=250-mail.example.org\r\n250-8BITMIME\r\n250-SIZE 10485760\r\n250 Ok

= the reply to EHLO ends with the bare code
reply ehlo=250-mail.example.org\r\n250-8BITMIME\r\n250\r\n

= the reply to EHLO is one line that offers nothing
reply ehlo=250 hello

= a line of EHLO that is nothing but 250-
reply ehlo=250-mail.example.org\r\n250-\r\n250-8BITMIME\r\n250 SIZE 1000000
sent MAIL FROM:<alice@example.org> SIZE=

= a first line that reads like a keyword
reply ehlo=250-SIZE 10\r\n250 8BITMIME

= a server that knows a hundred keywords
sink --extensions "$(printf 'X-FEATURE-%d,' {1..100})SIZE,8BITMIME"

= the name of the client is repeated with an address in brackets
reply ehlo=250-smtp.example.org at your service, [2001:db8::17]\r\n250-SIZE 35882577\r\n250-8BITMIME\r\n250-AUTH LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH\r\n250-ENHANCEDSTATUSCODES\r\n250-PIPELINING\r\n250 SMTPUTF8

= an old server that knows HELO only
reply ehlo=500 5.5.1 Invalid command
sent HELO

= a server that asks for a better name
reply ehlo=501 5.5.4 Invalid domain name
exit 69
reply helo=501 5.5.4 Invalid domain name
says 501 5\.5\.4 Invalid domain name

= EHLO is answered 421 by a server that is busy
reply ehlo=421 4.7.0 Too many connections from your address
exit 75
says Too many connections

# ---- logging in ----
= AUTH= for old clients, beside AUTH
sink --user joe --password-file "$T/password" --require-auth
reply ehlo=250-mail.example.org\r\n250-AUTH LOGIN PLAIN\r\n250-AUTH=LOGIN PLAIN\r\n250-MAILCOMPRESS\r\n250 8BITMIME
conf auth on
conf user joe
conf password correct-horse
sent AUTH PLAIN

= AUTH offered in two lines
sink --user joe --password-file "$T/password" --require-auth
reply ehlo=250-mail.example.org\r\n250-AUTH LOGIN\r\n250-AUTH PLAIN\r\n250 8BITMIME
conf auth on
conf user joe
conf password correct-horse
rude

= mechanisms in lower case
sink --user joe --password-file "$T/password" --require-auth
reply ehlo=250-mail.example.org\r\n250-auth login plain\r\n250 8bitmime
conf auth on
conf user joe
conf password correct-horse
sent AUTH PLAIN

= AUTH with a comma between its mechanisms
sink --user joe --password-file "$T/password"
reply ehlo=250-mail.example.org\r\n250-AUTH LOGIN,PLAIN\r\n250 8BITMIME
conf auth on
conf user joe
conf password correct-horse
exit 69
says AUTH|mechanism

= AUTH without a mechanism
reply ehlo=250-mail.example.org\r\n250-AUTH\r\n250 8BITMIME
conf auth on
conf user joe
conf password correct-horse
exit 69

= the bare code 334 asks for the answer
sink --auth PLAIN --user joe --password-file "$T/password"
reply auth=504 5.5.4 no initial response
reply auth=334
reply auth=235 2.7.0 Authentication successful.
conf auth plain
conf user joe
conf password correct-horse
rude

= prompts of LOGIN that are text, not base64
sink --auth LOGIN --user joe --password-file "$T/password"
reply auth=334 Username:
reply auth=334 Password:
reply auth=235 ok
conf auth login
conf user joe
conf password correct-horse
sent am9l$
sent Y29ycmVjdC1ob3JzZQ==$

= prompts of LOGIN that are empty
sink --auth LOGIN --user joe --password-file "$T/password"
reply auth=334
reply auth=334
reply auth=235 ok
conf auth login
conf user joe
conf password correct-horse

= prompts of LOGIN in another language
sink --auth LOGIN --user joe --password-file "$T/password"
reply auth=334 QmVudXR6ZXJuYW1lOg==
reply auth=334 S2VubndvcnQ6
reply auth=235 ok
conf auth login
conf user joe
conf password correct-horse

= success without a text
sink --auth PLAIN --user joe --password-file "$T/password"
reply auth-final=235
conf auth on
conf user joe
conf password correct-horse

= success in three lines
sink --auth PLAIN --user joe --password-file "$T/password"
reply auth-final=235-2.7.0 Welcome\r\n235-2.7.0 Last login: never\r\n235 2.7.0 Go ahead
conf auth on
conf user joe
conf password correct-horse

= a large provider wants an application password
sink --auth "PLAIN LOGIN" --user joe --password-file "$T/password"
reply auth=534-5.7.9 Application-specific password required. For more information, go to\r\n534 5.7.9  https://mail.example.org/?p=InvalidSecondFactor a1sm3 - gsmtp
conf auth on
conf user joe
conf password wrong
exit 77
says Application-specific password required
says ^hint: .*password
unsent AUTH LOGIN

= a large provider refuses the password in two lines
sink --auth "PLAIN LOGIN" --user joe --password-file "$T/password"
reply auth=535-5.7.8 Username and Password not accepted. For more information, go to\r\n535 5.7.8  https://mail.example.org/?p=BadCredentials 5b1f17b1804b1-sm - gsmtp
conf auth on
conf user joe
conf password wrong
exit 77
says Username and Password not accepted.*https://mail\.example\.org/
unsent AUTH LOGIN

= a tenant has switched SMTP logins off
sink --auth "PLAIN LOGIN" --user joe --password-file "$T/password"
reply auth=535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.example/smtp_auth_disabled [AM0PR01CA0099.example.net 2026-11-30T08:00:00.000Z 08DC]
conf auth on
conf user joe
conf password wrong
exit 77
says SmtpClientAuthentication is disabled for the Tenant

= too many logins: later, not never
sink --auth "PLAIN LOGIN" --user joe --password-file "$T/password"
reply auth=454 4.7.0 Too many login attempts, please try again later. 5sm - gsmtp
conf auth on
conf user joe
conf password correct-horse
exit 75
says Too many login attempts

= mail needs a login, and no login was configured
reply mail=530-5.7.0 Authentication Required. For more information, go to\r\n530 5.7.0  https://mail.example.org/?p=WantAuthError j5-2a05 - gsmtp
exit 77
says Authentication Required
says ^hint: .*auth

= mail needs TLS, and TLS was off
msmtprc
reply mail=530 5.7.0 Must issue a STARTTLS command first. d9-sm - gsmtp
exit 77
says Must issue a STARTTLS
says ^hint: .*tls

= anonymous mail is not taken by a corporate server
reply mail=530 5.7.57 Client not authenticated to send mail. [FR0P281CA0100.example.net]
exit 77
says 5\.7\.57 Client not authenticated

= the bridge of a mail provider offers AUTH in its only line
sink --user joe --password-file "$T/password"
reply ehlo=250-127.0.0.1\r\n250 AUTH PLAIN LOGIN
conf auth on
conf user joe
conf password correct-horse

= login and mail do not go together: the sender is not ours
sink --auth PLAIN --user joe --password-file "$T/password"
reply mail=553 5.7.1 Sender address rejected: not owned by auth user.
conf auth on
conf user joe
conf password correct-horse
exit 77
says not owned by auth user
says ^hint: .*from

= a corporate server refuses the sender after the message
reply eod=554 5.2.252 SendAsDenied; joe@example.org not allowed to send as alice@example.org; STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; Failed to process message due to a permanent exception with message [BeginDiagnosticData]Cannot submit message. 0.35250:1F009983 [EndDiagnosticData]
exit 65
to
stored 0
says SendAsDenied

= a cloud provider has not verified the sender
reply eod=554 Message rejected: Email address is not verified. The following identities failed the check in region EU-NORTH-1: alice@example.org
exit 65
to
stored 0
says Email address is not verified

= a cloud provider finds a header twice
reply eod=554 Transaction failed: Duplicate header 'DKIM-Signature'.
exit 65
to
says Duplicate header 'DKIM-Signature'

= AUTH is offered inside TLS alone
sink --tls starttls --cert "$CA/good.pem" --key "$CA/good.key"
sink --auth "PLAIN LOGIN" --user joe --password-file "$T/password" --require-auth
conf tls on
conf tls_starttls on
raw tls_trust_file @CA@/ca.crt\nauth on\nuser joe\npassword correct-horse\n

= a corporate server offers other mechanisms inside TLS than before it
sink --tls starttls --cert "$CA/good.pem" --key "$CA/good.key" --user joe --password-file "$T/password"
sink --auth LOGIN --require-auth
sink --extensions-before-tls "SIZE 37748736,DSN,AUTH NTLM GSSAPI,8BITMIME"
conf tls on
conf tls_starttls on
raw tls_trust_file @CA@/ca.crt\nauth on\nuser joe\npassword correct-horse\n
sent AUTH LOGIN

= SIZE is named before TLS, and another one inside it
sink --tls starttls --cert "$CA/good.pem" --key "$CA/good.key"
sink --extensions-before-tls "SIZE 20" --extensions "SIZE 100000,8BITMIME"
conf tls on
conf tls_starttls on
raw tls_trust_file @CA@/ca.crt\n

= the answer to STARTTLS is the bare code
sink --tls starttls --cert "$CA/good.pem" --key "$CA/good.key"
reply starttls=220
conf tls on
conf tls_starttls on
raw tls_trust_file @CA@/ca.crt\n

= STARTTLS is refused for now
sink --tls starttls --cert "$CA/good.pem" --key "$CA/good.key"
reply starttls=454 4.3.3 TLS not available due to local problem
conf tls on
conf tls_starttls on
exit 75
says TLS not available due to local problem
unsent MAIL

= STARTTLS is refused for good: nothing goes in clear
sink --tls starttls --cert "$CA/good.pem" --key "$CA/good.key"
reply starttls=502 5.5.1 Command not implemented
conf tls on
conf tls_starttls on
exit 69
says Command not implemented
unsent MAIL

= an appliance strips STARTTLS from the list
sink --extensions "XXXXXXXA,SIZE 1000000"
conf tls on
conf tls_starttls on
exit 69
says STARTTLS
unsent MAIL

= the bridge has made its own certificate, and it is not trusted yet
sink --tls starttls --cert "$CA/selfsigned.pem" --key "$CA/selfsigned.key"
conf tls on
conf tls_starttls on
exit 77
says certificate
says ^hint:
unsent MAIL

= the bridge's certificate is named by its fingerprint
sink --tls starttls --cert "$CA/selfsigned.pem" --key "$CA/selfsigned.key"
sink --auth "PLAIN LOGIN" --user joe --password-file "$T/password" --require-auth
conf tls on
conf tls_starttls on
raw tls_fingerprint @FINGERPRINT@\nauth on\nuser joe\npassword correct-horse\n

= TLS from the first byte is expected, and the server begins in clear
conf tls on
conf tls_starttls off
exit 76
says ^hint: .*tls_starttls
rude

# ---- recipients ----
= a mailbox is full, the others get it
sink --reply 'rcpt:full@example.org=552 5.2.2 <full@example.org>: Recipient address rejected: Mailbox full'
do posthaste bob@example.org full@example.org
exit 67
to bob@example.org
says full@example\.org.*Mailbox full

= greylisting of one recipient of two
sink --reply 'rcpt:grey@example.org=450 4.2.0 <grey@example.org>: Recipient address rejected: Greylisted, see http://postgrey.example/help/example.org.html'
do posthaste bob@example.org grey@example.org
exit 75
to bob@example.org
says grey@example\.org.*Greylisted

= 250 without a text, everywhere
reply mail=250
reply rcpt=250
reply data=354
reply eod=250

= 250 with a trailing blank, everywhere
reply mail=250 \r\n
reply rcpt=250 \r\n
reply data=354 \r\n
reply eod=250 \r\n

= the accepted recipient is explained in five lines
reply rcpt=250-2.1.5 Ok\r\n250-2.1.5 forwarded to\r\n250-2.1.5 a colleague\r\n250-2.1.5 on leave\r\n250 2.1.5 until Monday

= the server will forward: 251
reply rcpt=251 2.1.5 User not local; will forward to <bob@elsewhere.example>

= the server cannot verify but takes it: 252
reply rcpt=252 2.1.5 Cannot VRFY user, but will take message

= replies in UTF-8
reply rcpt=550 5.1.1 <bob@example.org>: unbekannter Empf\xc3\xa4nger
exit 67
says unbekannter Empf

= a reply with escape sequences does not reach the terminal
reply rcpt=550 5.1.1 \x1b]0;owned\x07\x1b[2Jnobody
exit 67
test ! grep -aq "$(printf '\033')" "$T/err"

= a reply of 4,000 characters
sink --reply "rcpt=550 5.1.1$long"
exit 67

= one hundred lines say no
sink --reply "rcpt=$hundred"
exit 67
says line 100

# ---- data ----
= 354 with another text than the standard's
reply data=354 Ok Send data ending with <CRLF>.<CRLF>

= 354 in two lines
reply data=354-Send it\r\n354 End with a dot

= accepted with an identifier in brackets and a speed
reply eod=250 2.6.0 <test@example.org> [InternalId=36283883719208, Hostname=LO0P265MB5570.example.net] 8155 bytes in 0.124, 64.221 KB/sec Queued mail for delivery

= accepted in two lines
reply eod=250-2.0.0 Ok: queued as 4TqX1\r\n250 2.0.0 thank you

= accepted with code 252
reply eod=252 ok

= the content is taken for spam
reply eod=552 5.2.0 Message blocked due to spam content in the message.
exit 65
to
says spam content

= the message is taken for a virus: 554 with an address to read
reply eod=554-5.7.1 Your message was rejected by the virus filter.\r\n554 5.7.1 See https://mail.example.org/av?id=8%2fD
exit 65
to
says virus filter

= bare line feeds are refused by this server, and we send none
mail From: alice@example.org
mail To: bob@example.org\r
mail
mail one\r
mail two
mail three\rfour
has one
has three
has four

= the limit of the hour is reached at the end of the message
reply eod=452 4.3.1 Hourly limit of 100 messages reached
exit 75
to
says Hourly limit

= a server on a Unix system ends every line with LF alone
reply greeting=220 x\n
reply ehlo=250-x\n250-SIZE 1000\n250 8BITMIME\n
reply mail=250 ok\n
reply rcpt=250 ok\n
reply data=354 go\n
reply eod=250 ok\n

= a recipient is answered twice
reply rcpt=250 ok\r\n250 ok again
exit 76
rude

= the letter O in the code
reply mail=25O ok
exit 76

= a blank before the code
reply rcpt= 250 ok
exit 76

= no blank after the code
reply mail=250ok
exit 76
says 250ok

= 421 at MAIL
reply mail=421 4.4.2 mx.example.org Error: timeout exceeded
exit 75
says 421 4\.4\.2

= 421 at RCPT
reply rcpt=421 4.7.0 Try again later, closing connection.
exit 75
says Try again later

= 421 at DATA
reply data=421 4.7.0 Bare trouble
exit 75
says Bare trouble

= 421 at the end of the message
reply eod=421 4.3.2 Service shutting down
exit 75
to
says Service shutting down

# ---- the end ----
= no answer to QUIT
sink --close quit

= QUIT is answered with an error
reply quit=500 5.5.1 what?

= the connection is closed as soon as the message is accepted
reply eod=250 2.0.0 queued
sink --close quit

= TLS is not ended politely
sink --tls implicit --cert "$CA/good.pem" --key "$CA/good.key" --no-close-notify
conf tls on
conf tls_starttls off
raw tls_trust_file @CA@/ca.crt\n

= silence after QUIT is not waited for
sink --hang quit
test [ "$(stored)" = 1 ]

# ---- promises that are not kept ----
= CHUNKING is offered, BDAT is unknown
sink --extensions "$EXTENSIONS,CHUNKING"
reply bdat=500 5.5.1 Command unrecognized: "BDAT"
sent BDAT
sent DATA
rude

= SMTPUTF8 is offered by a relay whose next hop cannot: it is not used without need
mail From: =?utf-8?q?J=C3=B6rg?= <alice@example.org>
mail To: J\xc3\xb6rg <bob@example.org>
mail Subject: \xc3\xa4
mail
mail x
unsent MAIL FROM:<alice@example.org>.*SMTPUTF8

= DSN is offered, and NOTIFY is a syntax error: what was asked for is not dropped in silence
reply rcpt=501 5.5.4 Syntax error in parameters
do posthaste -N failure bob@example.org
exit 69
says DSN.*Syntax error in parameters

= no DSN, and the mail program asks for it always
sink --extensions SIZE,8BITMIME
do posthaste -N delay,failure,success -R hdrs bob@example.org
exit 69
says DSN
says ^hint: .*dsn_required

= no DSN, and dsn_required off: it goes without
sink --extensions SIZE,8BITMIME
conf dsn_required off
do posthaste -N delay,failure,success -R hdrs bob@example.org
unsent RCPT TO:<bob@example.org> NOTIFY

= nothing at all is offered, and the message is 8-bit
sink --extensions ''
mail From: alice@example.org
mail To: bob@example.org
mail Subject: x
mail Content-Type: text/plain; charset=utf-8
mail Content-Transfer-Encoding: 8bit
mail
mail Gr\xc3\xbc\xc3\x9fe
has Content-Transfer-Encoding: base64
has R3LDvMOfZQ0K
ROWS
done_testing
