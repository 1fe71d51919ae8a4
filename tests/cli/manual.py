#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of the Texinfo manual, for tests/cli/manual.sh.

    manual.py extract FOLDER FILE...    each @example and @smallexample becomes FOLDER/NNN, in the order of the files;
                                        a line for each is printed: NNN, FILE:LINE, and the kind with its words, from
                                        the line "@c test: KIND WORD..." above the block ("none" without one)
    manual.py prose FOLDER ROWS FILE... the same for the examples of doc/options and README, which are indented.
                                        They are "config" if every line begins with a command of the configuration, else
                                        "text"
    manual.py options ROWS FILE...      prints options of ours in the files that do not exist; ROWS: posthaste-gen rows
    manual.py compare SHOWN SAID        SHOWN is the output in the manual: "..." stands for any text, a line of it for
                                        any lines. Prints what differs
"""
import re
import shlex
import sys

OURS = r"(?:posthaste|sendmail|mailq|newaliases)"
MARKUP = [(r"@(?:var|r|emph|code|file)\{([^{}]*)\}", r"\1"), (r"@dots\{\}", "..."), (r"@@?pkgdatadir@@?", "/usr/share/"
          "posthaste"), (r"@([@{}])", r"\1")]


def plain(text):
    for pattern, instead in MARKUP:
        text = re.sub(pattern, instead, text)
    return text


def extract(folder, files):
    number = 0
    for name in files:
        kind, block = "none", None
        for at, line in enumerate(open(name, encoding="utf-8"), 1):
            if block is not None:
                if re.match(r"@end (small)?example", line):
                    number += 1
                    with open(f"{folder}/{number:03}", "w", encoding="utf-8") as f:
                        f.write(plain("".join(block)))
                    print(f"{number:03} {name.rsplit('/', 1)[-1]}:{start} {kind}")
                    kind, block = "none", None
                else:
                    block.append(line)
            elif re.match(r"@(small)?example", line):
                block, start = [], at
            else:
                match = re.match(r"@c test: (.+)", line)
                kind = match.group(1).strip() if match else "none"


def prose(folder, rows, files):
    # The command of an eval is not here.
    known = {line.split("\t")[2] for line in open(rows, encoding="utf-8")} - {"eval"}
    number = 0
    for name in files:
        text = open(name, encoding="utf-8").read()
        for match in re.finditer(r"(?:^    .*\n)+", text, re.M):
            number += 1
            block = re.sub(r"^    ", "", match.group(0), flags=re.M)
            with open(f"{folder}/p{number:03}", "w", encoding="utf-8") as f:
                f.write(block)
            config = all(line.split()[0] in known for line in block.splitlines())
            at = text.count("\n", 0, match.start()) + 1
            print(f"p{number:03} {name.rsplit('/', 1)[-1]}:{at} {'config' if config else 'text'}")


def commands(text):
    """The words of each command of ours in a piece of shell, or of a setting that holds one."""
    text = re.sub(r"\\\n", " ", text)
    for line in text.split("\n"):
        for match in re.finditer(rf"(?<![\w.-])(?:/usr/s?bin/)?{OURS}(?= -)([^|;&#<>`)]*)", line):
            try:
                yield shlex.split(match.group(1))
            except ValueError:
                yield re.sub(r"[\"']", " ", match.group(1)).split()


def options(rows, files):
    long, letters = set(), set()
    for line in open(rows, encoding="utf-8"):
        _, _, _, flag, letter = line.rstrip("\n").split("\t")
        long.add(flag)
        letters.add(letter)
    for name in files:
        for words in commands(open(name, encoding="utf-8").read()):
            for word in words:
                word = word.rstrip(".,;:}")
                if word == "--":
                    break
                if word == "-":
                    continue
                if word.startswith("--"):
                    known = word[2:].split("=")[0] in long
                else:
                    known = not word.startswith("-") or word[1:2] in letters
                if not known:
                    print(f"{name}: {word}")


def compare(shown, said):
    lines = open(shown, encoding="utf-8").read().rstrip("\n").split("\n")
    pattern = ""
    for line in lines:
        if line == "...":
            pattern += r"(?:[^\n]*\n)*"
            continue
        line = re.escape(line).replace(re.escape("..."), r"[^\n]*")
        # Two spaces and more stand for a column, whose width depends on what is in it.
        pattern += re.sub(r"(?:\\ ){2,}", r" +", line) + r"\n"
    text = open(said, encoding="utf-8").read()
    if not re.fullmatch(pattern, text if text.endswith("\n") else text + "\n"):
        print("shown:", *lines, "said:", text, sep="\n")


def main():
    mode = sys.argv[1]
    if mode == "extract":
        extract(sys.argv[2], sys.argv[3:])
    elif mode == "prose":
        prose(sys.argv[2], sys.argv[3], sys.argv[4:])
    elif mode == "options":
        options(sys.argv[2], sys.argv[3:])
    else:
        compare(sys.argv[2], sys.argv[3])


if __name__ == "__main__":
    main()
