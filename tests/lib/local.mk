# SPDX-License-Identifier: GPL-3.0-or-later

EXTRA_DIST += tests/lib/tap.sh tests/lib/ca.sh
