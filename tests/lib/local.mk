# SPDX-License-Identifier: GPL-3.0-or-later

dist_check_SCRIPTS += tests/lib/test_lib.sh
TESTS += tests/lib/test_lib.sh
EXTRA_DIST += tests/lib/tap.sh tests/lib/ca.sh
