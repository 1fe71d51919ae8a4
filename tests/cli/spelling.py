#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The prose of manual pages (mdoc), Texinfo and README, for tests/cli/spelling.sh: what is left when examples, names of
options, files and commands, and addresses are removed.

    spelling.py FILE...
"""
import re
import sys

# What these hold is not English.
CODE = r"@(?:code|option|file|command|samp|env|url|kbd|verb|anchor|image|pxref|xref|ref|node|dfn|var|r)\{[^{}]*\}"


def texinfo(text):
    text = re.sub(r"@(small)?example.*?@end (?:small)?example", "", text, flags=re.S)
    text = re.sub(r"^@(?:c|comment|include|setfilename|documentencoding|node|anchor|ifset|ifclear|set|end|itemx?|"
                  r"dircategory|direntry|multitable|table|image)\b.*$|^\* .*$|^\\input.*$", "", text, flags=re.M)
    text = re.sub(r"@([@{}])", lambda m: {"@": "\1", "{": "\2", "}": "\3"}[m.group(1)], text)
    for _ in range(3):
        text = re.sub(CODE, " ", text)
    return re.sub(r"@[a-z]+|[{}\1\2\3]", " ", text)


def plain(text):
    return re.sub(r"^    .*$|\"[^\"]*\"", "", text, flags=re.M)


def mdoc(text):
    text = re.sub(r"^\.Bd .*?^\.Ed", "", text, flags=re.S | re.M)
    # A line of macros has text only after .Nd and .Sh.
    text = re.sub(r"^\.(?!Nd|Sh|Ss).*$|^'.*$", "", text, flags=re.M)
    text = re.sub(r"\\f[BI].*?\\f[PR]", " ", text)
    text = re.sub(r"^\.(?:Nd|Sh|Ss) ", "", text, flags=re.M)
    return re.sub(r"\\\(..|\\\[.*?\]|\\.", " ", text)


for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as f:
        prose = (texinfo if name.endswith(".texi") else plain if name.endswith("README") else mdoc)(f.read())
    # Names with dots, slashes, at signs, digits or capitals within are no words.
    prose = re.sub(r"\S*[/@\d_=]\S*|\S+\.[a-z]\S*|\b[A-Z]{2,}s?\b", " ", prose)
    print(prose)
