#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Messages as mail programs, scripts and gateways write them: what is signed or odd goes through untouched where it can,
# and where it must be changed for the server a reader sees the same.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/field/rows.sh" || exit 99

w900=$(printf 'word %.0s' {1..180})
x997=$(printf 'x%.0s' {1..997})
export w900 x997
rows 9<<'ROWS'
# ---- what must not be touched ----
= a message signed with DKIM, folded and with tabs
mail DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d=example.org; s=k1;
mail \th=from:to:subject; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;
mail \tb=dzdVyOfAKCdLXdJOc9G2q8LoXSlEniSbav+yuU4zGeeruD00lszZVoG4ZHRNiYzR
mail From:  Alice   <alice@example.org>
head
mail
mail Two  blanks, a tab\tand a blank at the end.\x20
same

= PGP/MIME: blanks at line ends, lines that begin with From and with a dash
head
mail MIME-Version: 1.0
mail Content-Type: multipart/signed; micalg=pgp-sha512;
mail \tprotocol="application/pgp-signature"; boundary="bHQR9+uNWF"
mail
mail
mail --bHQR9+uNWF
mail Content-Type: text/plain; charset=us-ascii
mail Content-Disposition: inline
mail
mail From here on it rains.\x20\x20
mail - a list
mail --\x20
mail Alice
mail
mail --bHQR9+uNWF
mail Content-Type: application/pgp-signature; name="signature.asc"
mail
mail -----BEGIN PGP SIGNATURE-----
mail
mail iHUEABYKAB0WIQ
mail -----END PGP SIGNATURE-----
mail
mail --bHQR9+uNWF--
same

= an old clear-signed message
head
mail
mail -----BEGIN PGP SIGNED MESSAGE-----
mail Hash: SHA256
mail
mail - --=20 is not quoted-printable here\x20
mail .
mail -----BEGIN PGP SIGNATURE-----
mail
mail iQEc
mail -----END PGP SIGNATURE-----
same

= S/MIME, opaque: base64 in lines of 64
head
mail MIME-Version: 1.0
mail Content-Disposition: attachment; filename="smime.p7m"
mail Content-Type: application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"
mail Content-Transfer-Encoding: base64
mail
mail MIIGogYJKoZIhvcNAQcCoIIGkzCCBo8CAQExDTALBglghkgBZQMEAgEwCwYJKoZI
mail hvcNAQcBoIIDkTCCA40wggJ1oAMCAQICFA==
same

= S/MIME, detached, as OpenSSL writes it: a line before the first boundary
head
mail MIME-Version: 1.0
mail Content-Type: multipart/signed; protocol="application/x-pkcs7-signature"; micalg="sha-256"; boundary="----61B0F5D9"
mail
mail This is an S/MIME signed message
mail
mail ------61B0F5D9
mail
mail Text without a header of its own
mail ------61B0F5D9
mail Content-Type: application/x-pkcs7-signature; name="smime.p7s"
mail Content-Transfer-Encoding: base64
mail
mail MIIG
mail
mail ------61B0F5D9--
mail
same

= format=flowed: the blanks at line ends are content
head
mail Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes
mail Content-Transfer-Encoding: 8bit
mail
mail Ein Absatz, der\x20
mail weitergeht \xc3\xbc\x20
mail > zitiert
same

= a mailing list's header
mail List-Id: "A list, of sorts" <list.example.org>
mail List-Unsubscribe: <mailto:list-request@example.org?subject=unsubscribe>,
mail  <https://lists.example.org/u/1234567890abcdefghijklmnopqrstuvwxyz1234567890abcdefghijklmnop>
mail List-Unsubscribe-Post: List-Unsubscribe=One-Click
mail Precedence: list
mail X-BeenThere: list@example.org
head
mail
mail x
same

= a forwarded chain: Received, ARC and Authentication-Results stay in their order
mail Return-Path: <list-bounces@example.net>
mail ARC-Seal: i=1; a=rsa-sha256; t=1; cv=none; d=example.net; s=a; b=AA==
mail ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=example.net; b=AA==
mail Authentication-Results: mx.example.net; dkim=pass header.d=example.org
mail Received: from a.example.org (a.example.org [192.0.2.1])
mail \tby mx.example.net (Postfix) with ESMTPS id 4Tq
mail \tfor <bob@example.net>; Mon, 30 Nov 2026 08:00:00 +0000 (UTC)
head
mail
mail x
has ARC-Seal: i=1; a=rsa-sha256; t=1; cv=none; d=example.net; s=a; b=AA==
has Received: from a\.example\.org \(a\.example\.org \[192\.0\.2\.1\]\)

= header names in odd case, without a blank after the colon
mail FROM:alice@example.org
mail to:bob@example.org
mail SUBJECT:x
mail dAtE:Sun, 1 Mar 2026 10:00:00 +0000
mail message-id:<test@example.org>
mail
mail x
same

= a Message-ID without angle brackets, and a Date in another century's form
mail From: alice@example.org
mail Date: 30-Nov-26 08:00 CET
mail Message-ID: 12345.67890@old.example.org
mail
mail x
same

= encoded names are not encoded again
mail From: =?iso-8859-1?Q?J=F6rg?= <alice@example.org>
mail To: =?UTF-8?B?QsO2YiA=?= =?UTF-8?B?QnVpbGRlcg==?= <bob@example.org>
mail Subject: =?utf-8?q?=C3=A4?= (=?utf-8?q?=C3=B6?=) =?unknown-8bit?q?=FF?=
mail Date: Sun, 1 Mar 2026 10:00:00 +0000
mail Message-ID: <test@example.org>
mail
mail x
same

= an attachment whose name has RFC 2231's form
head
mail MIME-Version: 1.0
mail Content-Type: application/pdf; name*0*=UTF-8''R%C3%A4ch; name*1="nung.pdf"
mail Content-Disposition: attachment; filename*=UTF-8''R%C3%A4chnung.pdf
mail Content-Transfer-Encoding: base64
mail
mail JVBERi0xLjQK
same

= quoted-printable with a soft line break at the very end, and dots
head
mail MIME-Version: 1.0
mail Content-Type: text/plain; charset=utf-8
mail Content-Transfer-Encoding: quoted-printable
mail
mail .first
mail ..
mail =2E
mail last=
same

= base64 with lines of 76, of 4 and an empty one
head
mail MIME-Version: 1.0
mail Content-Type: application/octet-stream
mail Content-Transfer-Encoding: base64
mail
mail AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4
mail AAEC
mail
mail AA==
same

= uuencoded, as in 1990
head
mail
mail begin 644 a.bin
mail #0V%T
mail `
mail end
same

= a line of exactly 998 octets
head
mail
mail $X997x
do sed "s/\$X997/$x997/" "$T/input" >"$T/in2"; mv "$T/in2" "$T/input"; posthaste bob@example.org <"$T/input"
same

= dots of every kind at line starts
head
mail
mail .
mail ..
mail ...
mail . x
mail .\tx
mail x.
same

= a very quiet message: header and an empty line
head
mail
same

= a hundred fields of the same name
head
mail X-Tag: one
mail X-Tag: two
mail x-tag: three
mail
mail x
same

= form feeds, bells and escapes in the text
head
mail
mail a\x0cb\x07c\x1b[1md\x7f
same

= Resent: the first block is ours, the rest is history
mail Resent-From: alice@example.org
mail Resent-To: bob@example.org
mail Resent-Date: Mon, 30 Nov 2026 08:00:00 +0000
mail Resent-Message-ID: <r@example.org>
mail Received: from x by y; Sun, 1 Mar 2026 10:00:00 +0000
mail From: carol@example.net
mail To: dave@example.net
mail Date: Sun, 1 Mar 2026 10:00:00 +0000
mail Message-ID: <test@example.net>
mail
mail x
do posthaste -t
same

# ---- MIME that is not quite right: a server that takes 8 bits gets it as it is ----
= the closing boundary is missing
head
mail MIME-Version: 1.0
mail Content-Type: multipart/mixed; boundary=sep
mail
mail --sep
mail Content-Type: text/plain; charset=utf-8
mail
mail Gr\xc3\xbc\xc3\x9fe
same

= the boundary of the header never comes
head
mail MIME-Version: 1.0
mail Content-Type: multipart/mixed; boundary="one"
mail
mail --two
mail Content-Type: text/plain
mail
mail \xc3\xa4
mail --two--
same

= multipart without a boundary
head
mail Content-Type: multipart/alternative
mail
mail \xc3\xa4
same

= a boundary with blanks after it, and one that begins another
head
mail MIME-Version: 1.0
mail Content-Type: multipart/mixed; boundary=Part
mail
mail --Part\x20\x20
mail
mail abc \xc3\xa4
mail --Part--More
mail --Partly
mail --Part--\x20
same

= a boundary of 70 characters with quotes inside
head
mail MIME-Version: 1.0
mail Content-Type: multipart/mixed; boundary="=_\\"(x)"
mail
mail --=_"(x)
mail
mail \xc3\xa4
mail --=_"(x)--
same

= parts within parts, five deep
head
mail MIME-Version: 1.0
mail Content-Type: multipart/mixed; boundary=a
mail
mail --a
mail Content-Type: multipart/mixed; boundary=b
mail
mail --b
mail Content-Type: multipart/mixed; boundary=c
mail
mail --c
mail Content-Type: message/rfc822
mail
mail Subject: inner
mail Content-Type: multipart/mixed; boundary=d
mail
mail --d
mail Content-Type: text/plain; charset=utf-8
mail
mail \xc3\xa4
mail --d--
mail --c--
mail --b--
mail --a--
same

= two Content-Type fields
head
mail Content-Type: text/plain; charset=utf-8
mail Content-Type: text/html
mail Content-Transfer-Encoding: 8bit
mail
mail \xc3\xa4
same

= a transfer encoding that does not exist
head
mail Content-Type: text/plain
mail Content-Transfer-Encoding: 8-bit
mail
mail \xc3\xa4
same

= a charset that does not exist
head
mail Content-Type: text/plain; charset="windows-9999"
mail Content-Transfer-Encoding: 8bit
mail
mail \xe4
same

# ---- the same for a server that takes 7 bits ----
= 7 bits: UTF-8 text
sink --extensions SIZE
head
mail MIME-Version: 1.0
mail Content-Type: text/plain; charset=utf-8
mail Content-Transfer-Encoding: 8bit
mail
mail Good morning, this is a text with one umlaut: \xc3\xa4
mail \x20leading and trailing\x20
mail .dot
has Content-Transfer-Encoding: quoted-printable
means

= 7 bits: HTML and text as alternatives, an image beside them
sink --extensions SIZE
head
mail MIME-Version: 1.0
mail Content-Type: multipart/mixed; boundary=o
mail
mail preamble
mail --o
mail Content-Type: multipart/alternative; boundary=i
mail
mail --i
mail Content-Type: text/plain; charset=utf-8
mail
mail Stra\xc3\x9fe und so weiter, meist ASCII
mail --i
mail Content-Type: text/html; charset=utf-8
mail Content-Transfer-Encoding: 8bit
mail
mail <p>Stra\xc3\x9fe und so weiter, meist ASCII</p>
mail --i--
mail
mail --o
mail Content-Type: image/png
mail Content-Transfer-Encoding: base64
mail
mail iVBORw0KGgo=
mail --o--
mail epilogue
means
has preamble
has epilogue

= 7 bits: an invitation
sink --extensions SIZE
head
mail MIME-Version: 1.0
mail Content-Type: multipart/alternative; boundary=i
mail
mail --i
mail Content-Type: text/plain; charset=utf-8
mail
mail Besprechung um f\xc3\xbcnf
mail --i
mail Content-Type: text/calendar; charset=utf-8; method=REQUEST
mail Content-Transfer-Encoding: 8bit
mail
mail BEGIN:VCALENDAR
mail METHOD:REQUEST
mail BEGIN:VEVENT
mail SUMMARY:Besprechung um f\xc3\xbcnf
mail  \xc3\xbcber alles
mail END:VEVENT
mail END:VCALENDAR
mail --i--
means
has Content-Type: text/calendar; charset=utf-8; method=REQUEST

= 7 bits: a forwarded message with 8-bit text inside
sink --extensions SIZE
head
mail MIME-Version: 1.0
mail Content-Type: multipart/mixed; boundary=o
mail
mail --o
mail
mail see below
mail --o
mail Content-Type: message/rfc822
mail Content-Disposition: inline
mail
mail From: carol@example.org
mail Subject: inner
mail MIME-Version: 1.0
mail Content-Type: text/plain; charset=utf-8
mail Content-Transfer-Encoding: 8bit
mail
mail Innen \xc3\xa4 und viel ASCII ringsum
mail --o--
means
test ! grep -aqP '[\x80-\xff]' "$T/got"

= 7 bits: the report of another mail system, with its header alone
sink --extensions SIZE
head
mail MIME-Version: 1.0
mail Content-Type: multipart/report; report-type=delivery-status; boundary=r
mail
mail --r
mail Content-Type: text/plain; charset=utf-8
mail
mail Unzustellbar, Empf\xc3\xa4nger unbekannt
mail --r
mail Content-Type: message/delivery-status
mail
mail Reporting-MTA: dns; mx.example.org
mail
mail Final-Recipient: rfc822; bob@example.org
mail Action: failed
mail Status: 5.1.1
mail --r
mail Content-Type: text/rfc822-headers
mail
mail Subject: x
mail --r--
means

= 7 bits: text in Latin-1, without MIME-Version
sink --extensions SIZE
head
mail Content-Type: text/plain; charset=iso-8859-1
mail
mail Latin \xe4\xf6\xfc and much more ASCII around it
means

= 7 bits: text without a word about its charset
sink --extensions SIZE
head
mail
mail Pl\xc3\xa4tze und viel ASCII ringsum
test ! grep -aqP '[\x80-\xff]' "$T/got"
has Pl=C3=A4tze und viel ASCII ringsum

= 7 bits: declared as 7bit, and it is not
sink --extensions SIZE
head
mail MIME-Version: 1.0
mail Content-Type: text/plain; charset=utf-8
mail Content-Transfer-Encoding: 7bit
mail
mail Nur ein \xc3\xa4 zwischen all dem ASCII
means
test ! grep -aqP '[\x80-\xff]' "$T/got"

= 7 bits: a missing closing boundary
sink --extensions SIZE
head
mail MIME-Version: 1.0
mail Content-Type: multipart/mixed; boundary=sep
mail
mail --sep
mail Content-Type: text/plain; charset=utf-8
mail
mail Gr\xc3\xbc\xc3\x9fe und viel ASCII ringsum
means
test ! grep -aqP '[\x80-\xff]' "$T/got"

= 7 bits: what is signed inside is changed as little as can be, and it is said
sink --extensions SIZE
head
mail MIME-Version: 1.0
mail Content-Type: multipart/signed; micalg=pgp-sha512; protocol="application/pgp-signature"; boundary=s
mail
mail --s
mail Content-Type: text/plain; charset=utf-8
mail Content-Transfer-Encoding: quoted-printable
mail
mail =C3=A4 and a blank at the end=20
mail --s
mail Content-Type: application/pgp-signature
mail
mail x
mail --s--
same

= 7 bits: a name of an attachment in raw UTF-8
sink --extensions SIZE
head
mail MIME-Version: 1.0
mail Content-Type: multipart/mixed; boundary=o
mail
mail --o
mail Content-Type: application/pdf; name="R\xc3\xa4chnung.pdf"
mail Content-Disposition: attachment; filename="R\xc3\xa4chnung.pdf"
mail Content-Transfer-Encoding: base64
mail
mail JVBERi0xLjQK
mail --o--
test ! grep -aqP '[\x80-\xff]' "$T/got"
test "$PYTHON" -c 'import email,email.policy,sys; m=email.message_from_binary_file(open(sys.argv[1],"rb"),policy=email.policy.default); sys.exit(m.get_payload()[0].get_filename() != "R\u00e4chnung.pdf")' "$T/spool/0001.eml"

= 7 bits: Subject and names in raw UTF-8
sink --extensions SIZE
mail From: J\xc3\xb6rg M\xc3\xbcller <alice@example.org>
mail To: "Bob, der B\xc3\xa4r" <bob@example.org>, carol@example.org (Karo\xc3\xb6)
mail Subject: \xc3\x84pfel & Birnen
mail Date: Sun, 1 Mar 2026 10:00:00 +0000
mail Message-ID: <test@example.org>
mail
mail x
test ! grep -aqP '[\x80-\xff]' "$T/got"
means

= 7 bits: Subject in raw Latin-1
sink --extensions SIZE
mail From: alice@example.org
mail Subject: \xc4pfel
mail
mail x
test ! grep -aqP '[\x80-\xff]' "$T/got"

# ---- long lines ----
= HTML in one line of 4,000 characters
head
mail MIME-Version: 1.0
mail Content-Type: text/html; charset=utf-8
mail Content-Transfer-Encoding: 8bit
mail
mail LONG
do sed "s/LONG/<p>$w900$w900$w900$w900$w900<\/p>/" "$T/input" >"$T/in2"; mv "$T/in2" "$T/input"; posthaste bob@example.org <"$T/input"
means
test [ "$(LC_ALL=C awk '{ if (length($0) > n) n = length($0) } END { print n }' "$T/got")" -le 998 ]

= base64 in a single line
head
mail MIME-Version: 1.0
mail Content-Type: application/octet-stream
mail Content-Transfer-Encoding: base64
mail
mail LONG
do sed "s/LONG/$(printf 'QUJD%.0s' {1..600})/" "$T/input" >"$T/in2"; mv "$T/in2" "$T/input"; posthaste bob@example.org <"$T/input"
means
test [ "$(LC_ALL=C awk '{ if (length($0) > n) n = length($0) } END { print n }' "$T/got")" -le 998 ]

= quoted-printable with a line of 3,000 characters
head
mail MIME-Version: 1.0
mail Content-Type: text/plain; charset=utf-8
mail Content-Transfer-Encoding: quoted-printable
mail
mail LONG =3D
do sed "s/LONG/$w900$w900$w900/" "$T/input" >"$T/in2"; mv "$T/in2" "$T/input"; posthaste bob@example.org <"$T/input"
means
test [ "$(LC_ALL=C awk '{ if (length($0) > n) n = length($0) } END { print n }' "$T/got")" -le 998 ]

= a log of a cron job: 50 lines of 5,000 characters
head
mail
mail LONG
do for i in {1..50}; do echo "$w900$w900$w900$w900$w900"; done >>"$T/input"; posthaste bob@example.org <"$T/input"
means

= To with 3,000 addresses in one line
mail From: alice@example.org
mail To: LONG
mail Date: Sun, 1 Mar 2026 10:00:00 +0000
mail Message-ID: <test@example.org>
mail
mail x
do sed "s/LONG/$(printf 'user%d@example.org, ' {1..3000})bob@example.org/" "$T/input" >"$T/in2"; mv "$T/in2" "$T/input"; posthaste -t <"$T/input"
to *
test [ "$(row_recipients | wc -w)" = 3001 ]
test [ "$(LC_ALL=C awk '{ if (length($0) > n) n = length($0) } END { print n }' "$T/got")" -le 998 ]
means

= References of 200 messages in one line
head
mail References: LONG
mail
mail x
do sed "s/LONG/$(printf '<id%d.1234567890@mail.example.org> ' {1..200})/" "$T/input" >"$T/in2"; mv "$T/in2" "$T/input"; posthaste bob@example.org <"$T/input"
test [ "$(LC_ALL=C awk '{ if (length($0) > n) n = length($0) } END { print n }' "$T/got")" -le 998 ]
means

= a subject of 2,000 words in one line
mail From: alice@example.org
mail Subject: LONG
mail Date: Sun, 1 Mar 2026 10:00:00 +0000
mail Message-ID: <test@example.org>
mail
mail x
do sed "s/LONG/$w900$w900$w900$w900/" "$T/input" >"$T/in2"; mv "$T/in2" "$T/input"; posthaste bob@example.org <"$T/input"
test [ "$(LC_ALL=C awk '{ if (length($0) > n) n = length($0) } END { print n }' "$T/got")" -le 998 ]
means

= a field with one token of 3,000 characters: it is encoded, as in any text
head
mail X-Token: LONG
mail
mail x
do sed "s/LONG/$x997$x997$x997/" "$T/input" >"$T/in2"; mv "$T/in2" "$T/input"; posthaste bob@example.org <"$T/input"
means
test [ "$(LC_ALL=C awk '{ if (length($0) > n) n = length($0) } END { print n }' "$T/got")" -le 998 ]

= a subject that is one token of 2,000 characters, between words
mail From: alice@example.org
mail Subject: Build LONG failed
mail Date: Sun, 1 Mar 2026 10:00:00 +0000
mail Message-ID: <test@example.org>
mail
mail x
do sed "s/LONG/$x997$x997/" "$T/input" >"$T/in2"; mv "$T/in2" "$T/input"; posthaste bob@example.org <"$T/input"
means
test [ "$(LC_ALL=C awk '{ if (length($0) > n) n = length($0) } END { print n }' "$T/got")" -le 998 ]
has Subject: Build .*

= a name that is one token of 2,000 characters
mail From: alice@example.org
mail To: LONG <bob@example.org>, "carol" <carol@example.org>
mail Date: Sun, 1 Mar 2026 10:00:00 +0000
mail Message-ID: <test@example.org>
mail
mail x
do sed "s/LONG/$x997$x997/" "$T/input" >"$T/in2"; mv "$T/in2" "$T/input"; posthaste -t <"$T/input"
to bob@example.org carol@example.org
means
test [ "$(LC_ALL=C awk '{ if (length($0) > n) n = length($0) } END { print n }' "$T/got")" -le 998 ]

= an address in a header that is 1,500 characters long: there is no way to write it, and it goes as it is
sink --max-line 0
head
mail References: <LONG@example.org>
mail
mail x
do sed "s/LONG/$x997$x997/" "$T/input" >"$T/in2"; mv "$T/in2" "$T/input"; posthaste bob@example.org <"$T/input"
means

= the same, and the user wants no such lines
head
mail References: <LONG@example.org>
mail
mail x
do sed "s/LONG/$x997$x997/" "$T/input" | posthaste --long-lines=refuse bob@example.org
exit 65
says the message has a line of [0-9]+ bytes

= signed with DKIM, and base64 in a single line: it is broken, and reported
mail DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=k; bh=AA==; b=AA==
head
mail MIME-Version: 1.0
mail Content-Type: application/octet-stream
mail Content-Transfer-Encoding: base64
mail
mail LONG
do sed "s/LONG/$(printf 'QUJD%.0s' {1..600})/" "$T/input" >"$T/in2"; mv "$T/in2" "$T/input"; posthaste --json bob@example.org <"$T/input"
noisy
prints DKIM
means

= a header of 2,000 fields
head
mail MARK
mail
mail x
do sed "s/MARK/$(printf 'X-%d: y\\n' {1..1999})X-2000: y/" "$T/input" >"$T/in2"; mv "$T/in2" "$T/input"; posthaste bob@example.org <"$T/input"
same

# ---- line ends ----
= DOS line ends, and Unix ones in a part that was pasted
mail From: alice@example.org\r
mail Subject: x\r
mail Date: Sun, 1 Mar 2026 10:00:00 +0000\r
mail Message-ID: <test@example.org>\r
mail \r
mail dos\r
mail unix
mail dos again\r
same

= Mac line ends in the whole message
mail From: alice@example.org\rSubject: x\r\rone\rtwo\r\c
has Subject: x
has one
has two

= CR CR LF, as some Windows tool writes it twice
mail From: alice@example.org\r\r
mail Subject: x\r\r
mail \r\r
mail text\r\r
has From: alice@example\.org *
has Subject: x *
has text

= a NUL in the text
head
mail
mail a\x00b
test ! grep -aqP '\x00' "$T/spool/0001.eml"
means

= the text ends in the middle of a UTF-8 character
head
mail Content-Type: text/plain; charset=utf-8
mail
mail abc\xc3\c
means

= UTF-16 with its mark, saved by a Windows editor
mail From: alice@example.org
mail Subject: x
mail Content-Type: text/plain; charset=utf-16
mail
mail \xff\xfeh\x00i\x00\x0a\x00
test ! grep -aqP '\x00' "$T/spool/0001.eml"

# ---- headers that are wrong ----
= a Date that is folded, and a From over three lines
mail From: "Alice
mail  in
mail  Wonderland" <alice@example.org>
mail Date: Sun, 1 Mar 2026
mail  10:00:00 +0000
mail Message-ID:
mail  <test@example.org>
mail Subject:
mail  x
mail
mail y
same

= a fold that is nothing but blanks
head
mail X-A: one
mail  \x20
mail \ttwo
mail
mail y
means

= two From fields and two Subjects
mail From: alice@example.org
mail From: eve@example.org
mail Subject: one
mail Subject: two
mail
mail x
has Subject: one
has Subject: two

= From names two people, and no Sender
mail From: alice@example.org, carol@example.org
mail
mail x
has From: alice@example.org, carol@example.org

= a display name with a comma that is not quoted
mail From: alice@example.org
mail To: Doe, John <bob@example.org>
mail
mail x
do posthaste -t
exit 67
to bob@example.org
says Doe

= a display name that is an address, without quotes
mail From: alice@example.org <alice@example.org>
mail To: bob@example.org <bob@example.org>
mail
mail x
do posthaste -t

= a colon in the display name
mail From: alice@example.org
mail To: Wiki :: blog <bob@example.org>
mail
mail x
do posthaste -t

= an empty To, and Cc that counts
mail From: alice@example.org
mail To:
mail Cc: bob@example.org
mail
mail x
do posthaste -t

= an encoded word holds the address as well
mail From: alice@example.org
mail To: =?utf-8?q?B=C3=B6b?= <bob@example.org>, =?utf-8?b?S2Fybw==?=<carol@example.org>
mail
mail x
do posthaste -t
to bob@example.org carol@example.org

= Apparently-To, Envelope-To and X-Bcc are not recipients
mail From: alice@example.org
mail To: bob@example.org
mail Apparently-To: x@example.org
mail Envelope-To: y@example.org
mail X-Bcc: z@example.org
mail
mail x
do posthaste -t

= Bcc in the parts and in the text is content
head
mail MIME-Version: 1.0
mail Content-Type: multipart/mixed; boundary=o
mail
mail --o
mail Content-Type: message/rfc822
mail
mail To: carol@example.org
mail Bcc: dave@example.org
mail
mail Bcc: eve@example.org
mail --o--
do posthaste -t
same
ROWS
done_testing
