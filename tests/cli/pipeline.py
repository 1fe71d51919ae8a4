# SPDX-License-Identifier: GPL-3.0-or-later
"""Several messages under way, and a line that fails: none is lost, and none is sent twice silently.

    pipeline.py PLACE

tests/lib/post_many posts messages through tests/lib/faultproxy to tests/lib/sink.  The first
connection fails after a number of octets; further ones do not.  What is said of each message is
held against what the sink stored: accepted means once, retry never, unknown at most once; at most
as many are unknown as may be under way; and results come in order.  TAP on standard output.

FAULTS=full tries every octet.
"""
import collections
import json
import os
import signal
import subprocess
import sys

TOP, FULL = os.environ["top_builddir"], os.environ.get("FAULTS") == "full"
MESSAGES, UNDER_WAY, STEP = 7, 3, 1 if FULL else 37
SECONDS = 300  # nothing waits so long
WAYS = {"BDAT": "PIPELINING,CHUNKING", "DATA": "PIPELINING", "one at a time": ""}


class Sink:
    def __init__(self, place, extensions):
        self.spool = os.path.join(place, "spool" + extensions)
        os.mkdir(self.spool)
        self.process = subprocess.Popen(
            [TOP + "/tests/lib/sink", "--listen", "127.0.0.1:0", "--port-file", "-", "--parent-death", "--spool",
             self.spool, "--violations", "/dev/null", "--hostname", "s", "--timeout", str(SECONDS), "--extensions",
             extensions], stdout=subprocess.PIPE, text=True)
        self.port = self.process.stdout.readline().split()[1]

    def stored(self):
        """Waits until every connection is over."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(SECONDS)
        names = [n for n in os.listdir(self.spool) if n.endswith(".json")]
        return collections.Counter(json.load(open(os.path.join(self.spool, n)))["mail_from"] for n in names)


def run(sink, name, fault):
    """What post_many says, and how many octets passed to the server and to the client on the first connection."""
    with subprocess.Popen([TOP + "/tests/lib/faultproxy", sink.port], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as proxy:
        port = proxy.stdout.readline().strip()
        proxy.stdin.write(fault + "\n" + "none c 0\n" * MESSAGES)
        proxy.stdin.flush()
        said = subprocess.run([TOP + "/tests/lib/post_many", port, name, str(MESSAGES),
                               "pipeline_messages %d" % UNDER_WAY], stdout=subprocess.PIPE, text=True, check=True,
                              timeout=SECONDS).stdout
        passed = proxy.stdout.readline().split()
        proxy.kill()
    return [line.split() for line in said.splitlines()], {"c": int(passed[2]), "s": int(passed[5])}


def faults_of(name, said, stored):
    """What is wrong with the results of a run."""
    if [sender for sender, _ in said] != ["%s%d@x" % (name, i) for i in range(MESSAGES)]:
        return ["not all messages in order: %r" % said]
    allowed = {"accepted": (1,), "retry": (0,), "unknown": (0, 1)}
    wrong = ["%s %s, and stored %d times" % (sender, outcome, stored[sender])
             for sender, outcome in said if stored[sender] not in allowed.get(outcome, ())]
    if sum(outcome == "unknown" for _, outcome in said) > UNDER_WAY:
        wrong.append("more are unknown than were under way: %r" % said)
    return wrong


def main(place):
    good = True
    print("1..%d" % (2 * len(WAYS)))
    for number, (way, extensions) in enumerate(WAYS.items()):
        sink = Sink(place, extensions)
        runs, (said, octets) = {}, run(sink, "clean-", "none c 0")
        clean = all(outcome == "accepted" for _, outcome in said)
        for kind in "fin", "rst":
            for direction in "c", "s":
                for at in range(STEP // 2, octets[direction], STEP):
                    name = "%s-%s-%d-" % (kind, direction, at)
                    runs[name] = run(sink, name, "%s %s %d" % (kind, direction, at))[0]
        stored = sink.stored()
        wrong = {name: faults_of(name, said, stored) for name, said in runs.items()}
        wrong = {name: faults for name, faults in wrong.items() if faults}
        unknown = sum(outcome == "unknown" for said in runs.values() for _, outcome in said)
        print("%sok %d - %s: undisturbed, all are accepted, and some of %d failures leave messages unknown"
              % ("" if clean and unknown else "not ", 2 * number + 1, way, len(runs)))
        print("%sok %d - %s: none lost, none twice" % ("not " if wrong else "", 2 * number + 2, way))
        for name, faults in sorted(wrong.items()):
            print("# %s %s" % (name, "; ".join(faults)))
        good = good and clean and unknown and not wrong
    return 0 if good else 1


sys.exit(main(sys.argv[1]))
