# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# The program itself as a client of the testbed. Sourced after lib.sh by the
# tests that send with $POSTHASTE.
#
#   post_mail            makes $T/mail, what a user hands over (LF line ends,
#                        complete header, 8-bit text, dots, a long line), and
#                        $T/mail.wire, the same octets with CRLF: what must arrive
#   post_mail_bare       $T/bare and $T/bare.wire: a header with To and Subject only
#   post TLS PORT [OPTION...] RECIPIENT... <FILE
#                        runs the program against localhost:PORT with --json; TLS
#                        is starttls, first or plain; sets $status, $out, $err
#   post_login TLS PORT MECHANISM [OPTION...] RECIPIENT... <FILE
#                        as the user of the testbed with the right secret, or with
#                        the one in $secret
#   said REGEX NAME      standard error matches
#   told REGEX NAME      the JSON object matches
#   arrived BOX WIRE ENVELOPE NAME
#                        exactly one message came since post_clear: these octets,
#                        this envelope
#   arrived_bare BOX NAME
#                        the same for post_mail_bare: From, Date, Message-ID in
#                        front in this order, nothing else changed
#   nothing_arrived BOX NAME
#   hides NAME           no secret of these tests is in the last run's output, in
#                        no encoding
#   post_matrix SERVER BOX LOGINS TLS PORT MECHANISM...
#                        a message by each mechanism, and (unless TLS is first)
#                        none with a wrong secret;
#                        the command LOGINS prints "MECHANISM USER" of the last

POST_SENDER=sender@mail.test

post_mail() {
	{
		printf 'Received: from elsewhere.test by another.test; Sun, 1 Nov 2026 00:00:00 +0000\n'
		printf 'From: Sender <sender@mail.test>\nTo: a@mail.test\nDate: Sun, 1 Nov 2026 00:00:00 +0000\n'
		printf 'Message-ID: <bed@client.test>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n'
		printf 'Content-Transfer-Encoding: 8bit\nSubject: folded\n\tsubject \n\n'
		printf '.\n..\n...three\nFrom here\n>From there\ngr\303\274n\n \t\n'
		printf '%0900d\n\n\n' 7
	} >"$T/mail"
	post_wire "$T/mail"
}

post_mail_bare() {
	printf 'To: a@mail.test\nSubject: bare\n\n.text\nno newline at the end' >"$T/bare"
	post_wire "$T/bare"
}

# post_wire FILE: FILE.wire is how it must arrive
post_wire() {
	{ sed 's/$/\r/' "$1" && [ -z "$(tail -c 1 "$1")" ] || printf '\n'; } >"$1.wire"
}

post() {
	local encryption=(--tls=on --tls-starttls=on "--tls-trust-file=$CA/ca.crt")
	case $1 in
	first) encryption[1]=--tls-starttls=off ;;
	plain) encryption=(--tls=off) ;;
	esac
	local port=$2
	shift 2
	run "$POSTHASTE" --json --queue=off --host=localhost --port="$port" --domain=client.test \
		--from="$POST_SENDER" "${encryption[@]}" "$@"
}

post_login() {
	local tls=$1 port=$2 mechanism=$3
	shift 3
	post_secret "$mechanism"
	post "$tls" "$port" --auth="${mechanism,,}" --user="$BED_USER" --password-file="$T/secret" "$@"
}

post_secret() {
	case $1 in
	XOAUTH2 | OAUTHBEARER) printf '%s\n' "${secret-$BED_TOKEN}" ;;
	*) printf '%s\n' "${secret-$BED_PASSWORD}" ;;
	esac >"$T/secret"
}

said() { like "$(cat "$err")" "$1" "$2"; }
told() { like "$(cat "$out")" "$1" "$2"; }

# Delivered by then, where the server queues; never more than one.
arrived() {
	local box=$1 wire=$2 envelope=$3 name=$4
	delivered_wait "$box" 1 || true
	is "$(delivered_count "$box")" 1 "$name: exactly one message arrives"
	delivered_message "$box" latest >"$T/got"
	same_file "$T/got" "$wire" "$name: the octets are those of the input"
	is "$(delivered_envelope "$box" latest)" "$envelope" "$name: the envelope is the one that was asked for"
}

arrived_bare() {
	local box=$1 name=$2
	delivered_wait "$box" 1 || true
	delivered_message "$box" latest >"$T/got"
	is "$(sed -n '1,3s/:.*//p' "$T/got" | paste -sd' ')" 'From Date Message-ID' \
		"$name: the three fields that were missing, in this order"
	local end=$'\r\n' date='[A-Z][a-z]{2}, [0-9]{1,2} [A-Z][a-z]{2} 20[0-9]{2} [0-9:]{8} [-+][0-9]{4}'
	like "$(head -n 3 "$T/got")" \
		"^From: sender@mail\\.test${end}Date: $date${end}Message-ID: <[^ ]+@client\\.test>"$'\r''$' \
		"$name: the fields that were added are well-formed"
	sed 1,3d "$T/got" >"$T/rest"
	same_file "$T/rest" "$T/bare.wire" "$name: nothing else is changed"
}

nothing_arrived() {
	is "$(delivered_count "$1")" 0 "$2: nothing is delivered"
}

# All that could give a secret away: as it is, in hex and URL form, and in base64
# wherever in a longer text it stood.
post_giveaways() {
	[ ! -e "$T/giveaways" ] || return 0
	"$BED_PYTHON" -c 'import base64, sys, urllib.parse
for secret in sys.argv[1:]:
    octets = secret.encode()
    print(secret, octets.hex(), octets.hex().upper(), urllib.parse.quote(secret, safe=""), sep="\n")
    for offset in range(3):
        text = base64.b64encode(b"\0" * offset + octets).decode().rstrip("=")
        print(text[(0, 2, 3)[offset]:-1])' "$BED_PASSWORD" "$BED_TOKEN" Wrong+canary/9 >"$T/giveaways"
	printf 'AUTH PLAIN %s\n' "$(printf '\0%s\0%s' "$BED_USER" "$BED_PASSWORD" | base64 -w 0)" >"$T/careless"
	check "a secret would be found" grep -q -F -f "$T/giveaways" "$T/careless"
}

hides() {
	post_giveaways
	is "$(grep -h -F -f "$T/giveaways" "$out" "$err" | head -n 3)" '' "$1: no secret is shown"
}

# post_size FILE: its octets
post_size() { wc -c <"$1"; }

# What the server passes on as MAIL for $T/mail of that size; Dovecot's differs.
post_mail_line() { printf 'MAIL FROM:<%s> SIZE=%d BODY=8BITMIME\n' "$POST_SENDER" "$1"; }

post_matrix() {
	local server=$1 box=$2 logins=$3 tls=$4 port=$5 mechanism name version envelope accepted certificate=()
	shift 5
	version='"version":"TLS1\.3"'
	[ "$tls" != plain ] || version='"active":false'
	for mechanism in "$@"; do
		name="$server, $tls, $mechanism"
		delivered_clear "$box"
		case $mechanism in
		GSSAPI | GS2-KRB5) kdc_login || bail "the KDC gave no ticket: $(cat "$BED/kdc/kinit.log")" ;;
		EXTERNAL) certificate=("--tls-cert-file=$CA/client.crt" "--tls-key-file=$CA/client.key") ;;
		esac
		post_login "$tls" "$port" "$mechanism" --debug "${certificate[@]}" a@mail.test <"$T/mail"
		certificate=()
		hides "$name"
		is "$status" 0 "$name: taken"
		is "$(cat "$err")" '' "$name: no complaint"
		accepted=$'\n''\{"outcome":"accepted","status":0,.*"outcome":"accepted","code":250,'
		told "$accepted.*$version.*\"auth\":\"$mechanism\"" "$name: --json says so"
		envelope=$(post_mail_line "$(post_size "$T/mail.wire")")$'\n''RCPT TO:<a@mail.test>'
		arrived "$box" "$T/mail.wire" "$envelope" "$name"
		post_known() { [ "$($logins)" = "$mechanism $BED_USER" ]; }
		check "$name: the server knows the user" wait_until 5 post_known
		# How a refusal looks does not depend on how TLS began, and each costs
		# Dovecot half a second.
		case $tls.$mechanism in *.EXTERNAL | first.[!PX]*) continue ;; esac
		delivered_clear "$box"
		case $mechanism in GSSAPI | GS2-KRB5) kdc_logout ;; esac
		secret=Wrong+canary/9 post_login "$tls" "$port" "$mechanism" --debug a@mail.test <"$T/mail"
		is "$status" 77 "$name, wrong secret: status 77"
		hides "$name, wrong secret"
		case $mechanism in
		XOAUTH2 | OAUTHBEARER) said \
			"^posthaste: AUTH $mechanism: the server refused the token \(.*(invalid_token|401).*\): 535 .*"$'\n''hint: ' \
			"$name, wrong token: the server's reason in words" ;;
		GSSAPI | GS2-KRB5) said \
			"^posthaste: AUTH $mechanism: Kerberos did not issue a ticket for smtp/localhost: .*"$'\n''hint: .*kinit' \
			"$name, no ticket: the reason in words" ;;
		*) said "^posthaste: AUTH $mechanism: .*: 535 .*"$'\n''hint: ' "$name, wrong password: the reason in words" ;;
		esac
		nothing_arrived "$box" "$name, wrong secret"
	done
}
