# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue with pipeline_messages, and a line that is cut.

    queue_pipeline.py PLACE

posthaste -q sends its messages through tests/lib/faultproxy to tests/lib/sink.  The first connection is cut after a
command, a reply or a message, or within a message; further ones are not.  What the queue says of each message then is
held against what the sink stored, and so is what a second run does.  TAP on standard output.

FAULTS=full tries every such place.
"""
import collections
import glob
import json
import os
import re
import signal
import subprocess
import sys

TOP, FULL = os.environ["top_builddir"], os.environ.get("FAULTS") == "full"
PROGRAM = os.environ["POSTHASTE"]
MESSAGES, UNDER_WAY = 6, 3
SECONDS = 300  # nothing waits so long
# What the server offers; how many messages are in doubt at most; and of the places in each direction every so manieth:
# numbers that have nothing in common with the commands and replies of a message, so each kind of place is met.
WAYS = {"BDAT": ("PIPELINING,CHUNKING", UNDER_WAY, {"c": 5, "s": 3}), "DATA": ("PIPELINING", 1, {"c": 7, "s": 3}),
        "one at a time": ("CHUNKING", 1, {"c": 11, "s": 7})}


class Sink:
    def __init__(self, place, extensions):
        self.spool = os.path.join(place, "spool-" + extensions)
        os.mkdir(self.spool)
        self.process = subprocess.Popen(
            [TOP + "/tests/lib/sink", "--listen", "127.0.0.1:0", "--port-file", "-", "--parent-death", "--spool",
             self.spool, "--violations", "/dev/null", "--timeout", str(SECONDS), "--extensions",
             extensions], stdout=subprocess.PIPE, text=True)
        self.port = self.process.stdout.readline().split()[1]

    def stored(self):
        """Waits until every connection is over; the numbers that came for each run, in order."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(SECONDS)
        numbers = collections.defaultdict(list)
        for name in sorted(glob.glob(self.spool + "/*.eml")):
            text = open(name).read()
            run = re.search("^Subject: (.*)$", text, re.M).group(1)
            numbers[run].append(int(re.search("^X-Number: (.*)$", text, re.M).group(1)))
        return numbers


class Queue:
    """Messages for one run, and what became of them."""

    def __init__(self, place, port, name):
        self.environ = dict(os.environ, XDG_STATE_HOME=os.path.join(place, "state-" + name))
        self.config = os.path.join(place, "rc-" + name)
        with open(os.open(self.config, os.O_WRONLY | os.O_CREAT, 0o600), "w") as config:
            config.write("account default\nhost 127.0.0.1\nport %s\nfrom a@x.example\nqueue auto\nqueue_autostart off\n"
                         "timeout 60\npipeline_messages %d\n" % (port, UNDER_WAY))
        mail = "From: a@x.example\nTo: b@y.example\nSubject: %s\nMessage-ID: <%s@x.example>\n\nHello\n" % (name, name)
        self.ids = subprocess.run([TOP + "/tests/lib/queue_put", "count=%d" % MESSAGES, "account=default",
                                   "config=" + self.config, "b@y.example"], input=mail, stdout=subprocess.PIPE,
                                  text=True, check=True, env=self.environ).stdout.split()

    def run(self):
        """The status of a run, and the messages that are left, by number."""
        status = subprocess.run([PROGRAM, "-C", self.config, "-q"], stdin=subprocess.DEVNULL, env=self.environ,
                                stderr=subprocess.DEVNULL, timeout=SECONDS).returncode
        left = json.loads(subprocess.run([PROGRAM, "-bp", "--json"], stdout=subprocess.PIPE, check=True,
                                         env=self.environ).stdout)
        return status, {self.ids.index(m["queue_id"]) + 1: m for m in left}


def run(place, sink, name, fault):
    """Two runs, and the lines of the proxy about the first connection."""
    with subprocess.Popen([TOP + "/tests/lib/faultproxy", sink.port], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as proxy:
        queue = Queue(place, proxy.stdout.readline().strip(), name)
        proxy.stdin.write(fault + "\n" + "none c 0\n" * 4 * MESSAGES)
        proxy.stdin.flush()
        runs = queue.run(), queue.run()
        lines = [proxy.stdout.readline() for _ in range(3 if fault.startswith("show") else 1)]
        proxy.kill()
    return runs, lines


def places(octets, step):
    """After lines, which are commands, replies, or some octets of a message."""
    return [m.end() for m in re.finditer(b"\r\n", octets)][::1 if FULL else step]


def faults_of(runs, numbers):
    """What is wrong with the two runs, after which the sink had stored these."""
    (status, left), (status2, left2) = runs
    doubtful = {n for n, m in left.items() if m["possible_duplicate"]}
    wrong = []
    if status != (75 if left else 0) or status2 or left2:
        wrong.append("status %d and %d, left %r, then %r" % (status, status2, sorted(left), sorted(left2)))
    if len(doubtful) > UNDER_WAY:
        wrong.append("more may have been delivered than were under way: %r" % doubtful)
    for n, message in left.items():
        if message["sending"] or message["attempts"] != (1 if n in doubtful or n == min(left) else 0):
            wrong.append("message %d: %r" % (n, message))
    for n in range(1, MESSAGES + 1):
        if numbers.count(n) not in ((1, 2) if n in doubtful else (1,)):
            wrong.append("message %d arrived %d times" % (n, numbers.count(n)))
    certain = [n for n in numbers if n not in left]
    if certain != sorted(certain):
        wrong.append("not in order: %r" % numbers)
    return wrong


def main(place):
    good = True
    print("1..%d" % (2 * len(WAYS)))
    for number, (way, values) in enumerate(WAYS.items()):
        extensions, in_doubt, steps = values
        sink, runs = Sink(place, extensions), {}
        tag = way.split()[0]
        runs["clean-" + tag], lines = run(place, sink, "clean-" + tag, "show c 0")
        octets = {"c": bytes.fromhex(lines[1]), "s": bytes.fromhex(lines[2])}
        for direction in "c", "s":
            for at in places(octets[direction], steps[direction]):
                name = "%s-%s-%d" % (tag, direction, at)
                runs[name] = run(place, sink, name, "fin %s %d" % (direction, at))[0]
        stored = sink.stored()
        wrong = {name: faults_of(result, stored[name]) for name, result in runs.items()}
        wrong = {name: faults for name, faults in wrong.items() if faults}
        most = max(sum(m["possible_duplicate"] for m in result[0][1].values()) for result in runs.values())
        some = 1 < most <= in_doubt if in_doubt > 1 else most == 1
        print("%sok %d - %s: after one of %d runs %s in doubt"
              % ("" if some else "not ", 2 * number + 1, way, len(runs), "several are" if in_doubt > 1 else "one is"))
        print("%sok %d - %s: none lost, none twice, and in order" % ("not " if wrong else "", 2 * number + 2, way))
        for name, faults in sorted(wrong.items()):
            print("# %s %s" % (name, "; ".join(faults)))
        good = good and not wrong and some
    return 0 if good else 1


sys.exit(main(sys.argv[1]))
