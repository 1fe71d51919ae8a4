# SPDX-License-Identifier: GPL-3.0-or-later
unit_tests += tests/unit/test_setup_autoconfig
tests_unit_test_setup_autoconfig_SOURCES = tests/unit/test_setup_autoconfig.c
unit_tests += tests/unit/test_setup_presets
tests_unit_test_setup_presets_SOURCES = tests/unit/test_setup_presets.c
unit_tests += tests/unit/test_setup_text
tests_unit_test_setup_text_SOURCES = tests/unit/test_setup_text.c
