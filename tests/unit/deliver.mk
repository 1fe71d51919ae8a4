# SPDX-License-Identifier: GPL-3.0-or-later
unit_tests += tests/unit/test_caps_cache
tests_unit_test_caps_cache_SOURCES = tests/unit/test_caps_cache.c
