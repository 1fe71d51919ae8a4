#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# --check: each stage passes, fails and is skipped as it should, the exit status
# is the first failure's, and nothing is ever sent.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good wronghost expired selfsigned

# The verdicts in order: P F S
verdicts() { awk '{ printf "%s", substr($1, 1, 1) }' "$out"; }
# stage NAME REGEX TEXT: the stage's line
stage() {
	if grep -Eq -- "^(PASS|FAIL|SKIP) $1: .*$2" "$out"; then ok "$3"; else not_ok "$3" \
		"no line \"$1: $2\" in: $(cat "$out")"; fi
}

# checks STATUS VERDICTS NAME SINK-OPTIONS LINE... : the verdicts are those of
# configuration, password, DNS, connection, chain, dates, name, fingerprint,
# TLS, EHLO, AUTH, sender
checks() {
	local want=$1 pattern=$2 name=$3
	eval "smarthost $4"
	shift 4
	conf "$@"
	run timeout -k 5 60 "$POSTHASTE" -C "$T/rc" --check
	smarthost_end
	status_is "$want" "$name: exit status $want"
	is "$(verdicts)" "$pattern" "$name: the verdicts"
	is "$(wc -l <"$out")" 12 "$name: a line for each stage"
	never_sent 'RCPT|DATA|BDAT' "$name: nothing is sent"
	no_violation "$name: the dialogue was correct"
}
tls="--cert $CA/good.pem --key $CA/good.key"
trust="tls_trust_file $CA/ca.crt"
pin=$(openssl x509 -in "$CA/good.crt" -outform DER | sha256sum | cut -d ' ' -f 1)

checks 0 PSPPSSSSSPSP "without TLS and authentication" ""
stage DNS 127.0.0.1 "DNS names the host"
stage connection "127.0.0.1 port $port" "the connection names address and port"
stage EHLO PIPELINING "EHLO lists what is offered"
stage sender '250 ' "the sender's line has the server's words"
stage TLS 'TLS is off: passwords and messages can be read' "without TLS: a warning"
is "$(cat "$err")" "" "nothing is said beside it"
checks 0 PPPPPPPSPPPP "TLS from the first octet and a password" \
	"--tls implicit $tls --auth 'PLAIN SCRAM-SHA-256' --user joe --password-file $T/password" \
	"tls on" "tls_starttls off" "$trust" "auth on" "password_file $T/password"
stage 'certificate dates' 'days left: [0-9]+' "the dates show how many days are left"
stage 'certificate name' '127.0.0.1' "the name that was asked for is reported"
stage AUTH 'SCRAM-SHA-256 as joe \(PLAIN: not needed\)$' "the mechanism is named, and why not the other"
stage password 'from password_file' "the password's source is named"
unlike "$(cat "$out" "$err")" 'correct-horse' "the password itself is not"
checks 0 PSPPPPPSPPSP "STARTTLS" "--tls starttls $tls" "tls on" "tls_starttls on" "$trust"
checks 0 PSPPSPPPPPSP "a fingerprint" "--tls implicit $tls" "tls on" "tls_starttls off" "tls_fingerprint $pin"
checks 0 PSPPSSSPPPSP "a fingerprint alone" "--tls implicit $tls" "tls on" "tls_starttls off" "tls_fingerprint $pin" \
	"tls_fingerprint_only on"
checks 0 PSPPSSSSPPSP "no certificate check" "--tls implicit $tls" "tls on" "tls_starttls off" "tls_certcheck off"
stage 'certificate chain' 'check is off: passwords and messages can be read' "no certificate check: a warning"

checks 77 PSPPPPFSSSSS "a certificate for another name" \
	"--tls implicit --cert $CA/wronghost.pem --key $CA/wronghost.key" "tls on" "tls_starttls off" "$trust"
said '^hint: .*another.test' "the hint names the certificate's names"
checks 77 PSPPPFPSSSSS "an expired certificate" "--tls implicit --cert $CA/expired.pem --key $CA/expired.key" "tls on" \
	"tls_starttls off" "$trust"
stage 'certificate dates' 'which is in the past' "the date is reported"
checks 77 PSPPFPPSSSSS "a certificate that is self-signed" \
	"--tls implicit --cert $CA/selfsigned.pem --key $CA/selfsigned.key" "tls on" "tls_starttls off" "$trust"
checks 77 PSPPSPPFSSSS "another fingerprint" "--tls implicit $tls" "tls on" "tls_starttls off" \
	"tls_fingerprint ${pin//[0-9]/a}"
checks 69 PSPPSSSSFSSS "STARTTLS is not offered" "" "tls on" "tls_starttls on" "$trust"
checks 75 PSPPSSSSSFSS "the server puts us off" "--reply 'greeting=450 busy'"
checks 69 PSPPSSSSSFSS "EHLO is refused" "--reply 'ehlo=554 no'"
printf 'wrong\n' >"$T/wrong"
checks 77 PPPPPPPSPPFS "a wrong password" "--tls implicit $tls --auth PLAIN --user joe --password-file $T/password" \
	"tls on" "tls_starttls off" "$trust" "auth on" "password_file $T/wrong"
stage AUTH 535 "the server's words are shown"
checks 69 PPPPSSSSSPFS "no authentication is offered" "" "auth on" "password_file $T/password"
checks 77 PSPPSSSSSPSF "the sender is refused" "--reply 'mail=553 5.7.1 not yours'"

# ---- each line is printed as soon as it is known ----
has_line() { grep -q -- "^PASS $1: " "$out"; }
# stalls LAST STAGE SINK-OPTIONS LINE...: while the server is silent from STAGE on, the lines up to LAST are there
stalls() {
	local last=$1 stage=$2
	eval "smarthost --hang $stage $3"
	shift 3
	conf "$@"
	timeout -k 5 60 "$POSTHASTE" -C "$T/rc" --check >"$out" 2>"$err" 7>&- &
	checker=$!
	if wait_until 20 has_line "$last"; then
		ok "silence at $stage: the line of $last is there"
	else
		not_ok "silence at $stage: the line of $last is there" "$(cat "$out")"
	fi
	is "$(grep -cE '^(FAIL|SKIP) ' "$out")" "$(grep -c '^SKIP ' "$out")" "silence at $stage: nothing has failed yet"
	smarthost_stop
	wait "$checker"
	status=$?
	is "$(wc -l <"$out") $(cut -d: -f1 <"$out" | cut -d' ' -f2- | sort | uniq -d)" "12 " \
		"silence at $stage: in the end a line for each stage, once"
}
stalls connection ehlo ""
stalls EHLO auth "--auth PLAIN --user joe --password-file $T/password" "auth plain" "password_file $T/password"
stalls AUTH mail "--auth PLAIN --user joe --password-file $T/password" "auth plain" "password_file $T/password"
stalls 'certificate chain' ehlo "--tls implicit $tls" "tls on" "tls_starttls off" "$trust"

# Of several servers only the one that is used is reported.
smarthost
conf 'host 127.0.0.2 127.0.0.1'
run timeout -k 5 60 "$POSTHASTE" -C "$T/rc" --check
smarthost_end
status_is 0 "the first of two servers does not answer: exit status 0"
is "$(verdicts)" PSPPSSSSSPSP "the first of two servers does not answer: the verdicts"
stage connection "127.0.0.1 port $port" "the first of two servers does not answer: the second one is named"
is "$(grep -c 127.0.0.2 "$out")" 0 "the first of two servers does not answer: it is not"

# ---- no server listens, nothing is configured ----
smarthost
conf "port 1" "account work" "host 127.0.0.1" "port $port" "from w@example.org"
run "$POSTHASTE" -C "$T/rc" --check
status_is 75 "no server listens: exit status 75"
is "$(verdicts)" PSPFSSSSSSSS "no server listens: the verdicts"
run "$POSTHASTE" -C "$T/rc" --check=nobody
status_is 78 "an account that is not defined: exit status 78"
is "$(verdicts)" FSSSSSSSSSSS "an account that is not defined: the verdicts"
conf "auth on" "password_file $T/missing"
run "$POSTHASTE" -C "$T/rc" --check
status_is 66 "a password file that is missing: exit status 66"
is "$(verdicts)" PFSSSSSSSSSS "a password file that is missing: the verdicts"
conf "account work" "host 127.0.0.1" "port $port" "from w@example.org"
run "$POSTHASTE" -C "$T/rc" --check one two
status_is 64 "two accounts: exit status 64"
run "$POSTHASTE" -C "$T/rc" --check --serverinfo
status_is 64 "two modes: exit status 64"
run "$POSTHASTE" -C "$T/rc" --check work --json
in_schema check "--check"
smarthost_end
status_is 0 "an account after a blank: exit status 0"
is "$("$PYTHON" -c 'import json, sys
o = json.load(sys.stdin)
print(o["account"], o["status"], o["error"], len(o["stages"]), o["stages"][-1]["stage"], o["stages"][-1]["verdict"])' \
	<"$out")" \
	"work 0 None 12 sender PASS" "an account after a blank is tested, and JSON reports it"
like "$(cat "$T/transcript")" 'MAIL FROM:<w@example.org>' "with the account's sender"
# ---- what to do next ----
nextless() { grep '^FAIL' "$out" | grep -v '; next: .*\.$'; }
checks 77 PSPPPFFSSSSS "two faults of a certificate" \
	"--tls implicit --cert $CA/expired.pem --key $CA/expired.key" "tls on" "tls_starttls off" "$trust" \
	"tls_host_override other.example.org"
is "$(nextless)" "" "two faults: each FAIL ends with the next step"
stage 'certificate dates' 'next: ' "two faults: what to do about the dates"
stage 'certificate name' 'next: If this is the server you mean, set host to a name' "two faults: ... about the name"
printf 'account default\nhost 127.0.0.1\nport 1\nfrom a@example.org\nnonsense\n' >"$T/rc"
run "$POSTHASTE" -C "$T/rc" --check
is "$status $(nextless)" "78 " "a wrong file: the FAIL ends with the next step"

# ---- on a terminal ----
conf 'tls off' 'auth off' 'port 1'
for look in xterm: xterm:1 dumb:; do
	TERM=${look%:*} NO_COLOR=${look#*:} on_terminal "$POSTHASTE" -C "$T/rc" --check
	is "$status" 75 "TERM and NO_COLOR $look: exit status"
	plain=$(sed 's/\x1b\[[0-9;]*m//g' "$out")
	like "$plain" 'PASS DNS {22}127' "$look: aligned"
	like "$plain" 'FAIL connection {15}.*refused' "$look: what failed"
	like "$plain" ' {30}[A-Z].*firewall' "$look: the next step is below it"
	is "$(grep -c '^hint:' "$out")" 0 "$look: once"
	is "$(grep -c $'\x1b' "$out" | sed 's/^[1-9].*/some/')" "$([ "$look" = xterm: ] && echo some || echo 0)" \
		"$look: colours"
done
done_testing
