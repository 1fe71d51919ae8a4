#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The name of this machine: what EHLO says and what a Message-ID ends in, in every mode that has one.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

printf 'From: alice@example.org\nTo: bob@example.org\n\nx\n' >"$T/mail"
# The names of one session, each once
ehlo() { sed -n 's/^C: EHLO \(.*[^\r]\)\r*$/\1/p' "$T/transcript" | sort -u; }
id() { sed -n 's/^Message-ID: <[a-z2-7]*@\(.*[^\r]\)>\r*$/\1/p' "$T/spool/0001.eml"; }

# ---- what is corrected ----
while IFS='|' read -ru 9 domain wanted; do
	smarthost
	conf "domain $domain"
	sends 0 "domain $domain" bob@example.org
	is "$(ehlo) $(id)" "$wanted $wanted" "domain $domain: EHLO and Message-ID"
	smarthost
	conf
	sends 0 "--domain=$domain" --domain="$domain" bob@example.org
	is "$(ehlo) $(id)" "$wanted $wanted" "--domain=$domain: EHLO and Message-ID"
done 9<<'ROWS'
mail.example.net|mail.example.net
foo.|foo
bücher.test|xn--bcher-kva.test
127.0.0.1|[127.0.0.1]
::1|[IPv6:::1]
[IPv6:2001:db8::1]|[IPv6:2001:db8::1]
ROWS
smarthost
conf 'domain %H.'
HOSTNAME=bücher.test sends 0 "a name of this host" bob@example.org
is "$(ehlo)" xn--bcher-kva.test "%H is corrected after it was replaced"

# ---- every mode ----
while IFS='|' read -ru 9 what words; do
	smarthost
	conf 'domain bücher.test'
	# shellcheck disable=SC2086 # words
	run timeout -k 5 60 "$POSTHASTE" -C "$T/rc" $words <"$T/mail"
	smarthost_end
	is "$(ehlo)" xn--bcher-kva.test "$what"
done 9<<'ROWS'
--serverinfo|--serverinfo
--check|--check
-bv|-bv bob@example.org
--rmqs|--rmqs=example.org
ROWS
smarthost
conf 'domain bücher.test'
post --queue=always bob@example.org
post -q </dev/null
smarthost_end
is "$(stored) $(ehlo)" "1 xn--bcher-kva.test" "from the queue"

# ---- domain auto ----
smarthost
conf
sends 0 "our own file" bob@example.org
is "$(id)" example.org "auto: a Message-ID has the sender's domain"
smarthost
conf
sed -i '1i syntax msmtp' "$T/rc"
sends 0 "an msmtprc" bob@example.org
is "$(ehlo)" localhost "an msmtprc keeps localhost"

# called HOST [ARGUMENT...]: a submission of a machine with that name, and what EHLO says
called() {
	run timeout -k 5 60 "${own_hostname[@]}" "$PYTHON" -c 'import os, socket, sys
socket.sethostname(sys.argv[1])
os.execv(sys.argv[2], sys.argv[2:])' "$1" "$POSTHASTE" -C "$T/rc" "${@:2}" bob@example.org <"$T/mail"
	smarthost_end
	status_is 0 "$1: exit status 0"
}
own_hostname=(unshare --uts)
[ "$(id -u)" = 0 ] || own_hostname+=(--user --map-root-user)
if why=$("${own_hostname[@]}" hostname box.example.com 2>&1); then
	while IFS='|' read -ru 9 what name wanted; do
		smarthost
		conf
		called "$name"
		is "$(ehlo) $(id)" "$wanted example.org" "$what: $name"
	done 9<<-'ROWS'
		a full host name|box.example.com|box.example.com
		an international one|bücher.example.com|xn--bcher-kva.example.com
		a host name without a dot|box|[127.0.0.1]
		a name of every machine|localhost.localdomain|[127.0.0.1]
		a name of every network|box.local|[127.0.0.1]
		a name with an underscore|my_box.example.com|[127.0.0.1]
		an address|192.0.2.1|[127.0.0.1]
	ROWS
	smarthost
	conf
	sed -i '1i syntax msmtp' "$T/rc"
	called box --domain=auto
	is "$(ehlo)" '[127.0.0.1]' "--domain=auto"
	smarthost --listen "unix:$T/socket"
	conf "socket $T/socket"
	called box
	is "$(ehlo)" localhost "a Unix socket has no address"
	rm -f "$T/socket"
	smarthost_stop
	rm -f "$T/six"
	"$SINK" --listen '[::1]:0' --port-file "$T/six" --once 1 --parent-death --timeout 60 --spool "$T/spool" \
		--violations "$T/violations" --transcript "$T/transcript" 2>"$T/sink.err" &
	sink_pid=$!
	six_listens() { [ -s "$T/six" ] || smarthost_gone; }
	wait_until 5 six_listens
	if [ -s "$T/six" ]; then
		: >"$T/transcript"
		read -r _ port <"$T/six"
		conf 'host ::1'
		sed -i '/^host 127/d' "$T/rc"
		called box
		is "$(ehlo)" '[IPv6:::1]' "an IPv6 connection"
	else
		skip "this machine has no ::1" "an IPv6 connection"
	fi
else
	skip "this host cannot be given another name here: $why" "the name of the host"
fi

# ---- what is refused, before anything is sent ----
long=$(printf 'a%.0s' {1..60})
while IFS='|' read -ru 9 domain; do
	port=1
	printf -v value -- "$domain"
	conf "domain $value"
	for words in 'bob@example.org' --serverinfo --check --pretend '--dry-run bob@example.org'; do
		# shellcheck disable=SC2086 # words
		post $words
		status_is 78 "domain $domain, $words: exit status 78"
		# --check prints what it finds on standard output
		check "domain $domain, $words: the place" grep -q "$T/rc, line 9: domain: " "$out" "$err"
	done
	conf
	post --domain="$value" bob@example.org
	status_is 64 "--domain=$domain: exit status 64"
	said "^posthaste: .*--domain: domain: " "--domain=$domain: the option"
done 9<<ROWS
b\\303\\274cher..test
b\\374cher.test
a\\342\\200\\250.test
a.test..
$long.$long.$long.$long.$long
$long$long.test
127.0.0.300
[127.0.0.1
-a.test
%%U.test
ROWS

# ---- a sender without a domain ----
# SENDER|WANTED: neither the server's name nor localhost where there is a better one
host=$(hostname)
case $host in *.*) ;; *) host=localhost ;; esac
while IFS='|' read -ru 9 sender wanted; do
	smarthost
	conf 'sender keep'
	sends 0 "from $sender" -f "$sender" bob@example.org
	is "$(id)" "$wanted" "a Message-ID of $sender"
done 9<<ROWS
carol@example.com|example.com
<>|example.org
ROWS
smarthost
run timeout -k 5 60 "$POSTHASTE" --host=127.0.0.1 --port="$port" --sender=keep -f '<>' bob@example.org <"$T/mail"
smarthost_end
mailname=$(head -n1 /etc/mailname 2>/dev/null || echo localhost)
like "$(id)" "^($host|$(uname -n)|$mailname)\$" "without an account: this host's name"
done_testing
