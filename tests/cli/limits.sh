#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# More recipients than a server takes at once: all are served, each once, and what happened to each is reported.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

# Who got it, message by message: "a b|c".
received() {
	"$PYTHON" -c 'import glob, json, sys
def taken(f): return " ".join(r["address"].split("@")[0] for r in json.load(open(f))["rcpt"] if r["code"] // 100 == 2)
print("|".join(taken(f) for f in sorted(glob.glob(sys.argv[1] + "/*.json"))))' "$T/spool"
}
# outcomes: address, outcome and code of each recipient in --json's answer
outcomes() {
	"$PYTHON" -c 'import json, sys
all = json.load(sys.stdin)["recipients"]
print(" ".join("%s:%s:%s" % (r["address"].split("@")[0], r["outcome"], r["code"]) for r in all))' <"$out"
}

for data in "$EXTENSIONS" "$EXTENSIONS,CHUNKING" SIZE; do
	smarthost --extensions "$data" --rcpt-limit 2
	conf
	post --json {a,b,c,d,e}@example.org
	smarthost_end
	status_is 0 "452 4.5.3 with $data: exit status 0"
	is "$(received | tr '|' ' ' | xargs -n1 | sort | xargs)" "a b c d e" "452 4.5.3 with $data: each has it once"
	is "$(outcomes)" "a:accepted:250 b:accepted:250 c:accepted:250 d:accepted:250 e:accepted:250" \
		"452 4.5.3 with $data: reported for each"
	no_violation "452 4.5.3 with $data: the dialogue was correct"
	is "$(cmp "$T/spool/0001.eml" "$T/spool/0003.eml" && echo same)" same "452 4.5.3 with $data: the same octets each time"
done

# RCPTDOMAINMAX: another session for other domains.
smarthost --extensions "$EXTENSIONS,CHUNKING,LIMITS RCPTMAX=2 RCPTDOMAINMAX=1" --once 2
conf
post a@one.example b@two.example c@one.example d@one.example
smarthost_end
status_is 0 "RCPTMAX and RCPTDOMAINMAX: exit status 0"
is "$(received)" "a c|d|b" "RCPTMAX and RCPTDOMAINMAX: domain by domain"
is "$(grep -ac '^C: QUIT' "$T/transcript")" 2 "RCPTMAX and RCPTDOMAINMAX: a session for each domain"
no_violation "RCPTMAX and RCPTDOMAINMAX: kept"
smarthost --extensions "$EXTENSIONS,LIMITS RCPTDOMAINMAX=2" --once 3
conf
post {a,b,c,d,e}@{one,two,three,four,five}.example
smarthost_end
status_is 0 "RCPTDOMAINMAX: exit status 0"
is "$(received | tr '|' '\n' | wc -w)" 25 "RCPTDOMAINMAX: all served"
is "$(grep -ac '^C: QUIT' "$T/transcript") $(grep -ac '^C: MAIL' "$T/transcript")" "3 3" "RCPTDOMAINMAX: three sessions"
no_violation "RCPTDOMAINMAX: kept"

# A new session for what MAILMAX leaves over.
smarthost --extensions "$EXTENSIONS,CHUNKING,LIMITS MAILMAX=2 RCPTMAX=1" --once 3
conf
post --json {a,b,c,d,e}@example.org
smarthost_end
status_is 0 "MAILMAX: exit status 0"
is "$(received)" "a|b|c|d|e" "MAILMAX: all served, in order"
is "$(outcomes)" "a:accepted:250 b:accepted:250 c:accepted:250 d:accepted:250 e:accepted:250" "MAILMAX: each reported"
is "$(grep -ac '^C: QUIT' "$T/transcript")" 3 "MAILMAX: three sessions"
no_violation "MAILMAX: kept"

# The second session does not come about.
smarthost --extensions "$EXTENSIONS,CHUNKING,LIMITS MAILMAX=1 RCPTMAX=1" --once 1
conf
post --json {a,b}@example.org
smarthost_end
status_is 75 "MAILMAX, the server gone: exit status 75"
like "$(outcomes)" '^a:accepted:250 b:retry:' "MAILMAX, the server gone: who has it is reported"

# A verdict of its own in each transaction.
smarthost --extensions "$EXTENSIONS,LIMITS RCPTMAX=2" --reply 'rcpt:b@example.org=550 5.1.1 who' \
	--reply 'rcpt:c@example.org=450 4.2.1 busy' \
	--reply 'rcpt:d@example.org=550 5.1.1 who'
conf
post --json {a,b,c,d,e}@example.org
smarthost_end
status_is 75 "verdicts of their own: exit status 75"
is "$(outcomes)" "a:accepted:250 b:refused:550 c:retry:450 d:refused:550 e:accepted:250" "own verdicts: reported"
is "$(received)" "a|e" "verdicts of their own: who has it"
no_violation "verdicts of their own: the dialogue was correct"

# -bv counts, too.
smarthost --extensions "$EXTENSIONS,LIMITS RCPTMAX=1" --reply 'rcpt:b@example.org=550 5.1.1 who'
conf
post -bv {a,b,c}@example.org
smarthost_end
status_is 67 "-bv: exit status 67"
is "$(cut -d: -f1,2 "$out" | tr '\n' ' ')" "a@example.org: accepted b@example.org: refused c@example.org: accepted " \
	"-bv: a line for each"
no_violation "-bv: the dialogue was correct"
done_testing
