# SPDX-License-Identifier: GPL-3.0-or-later
unit_tests += \
	tests/unit/test_address \
	tests/unit/test_aliases \
	tests/unit/test_command_lines \
	tests/unit/test_dsn \
	tests/unit/test_envelope \
	tests/unit/test_header \
	tests/unit/test_header_encode \
	tests/unit/test_header_recipients \
	tests/unit/test_header_write \
	tests/unit/test_message \
	tests/unit/test_mime_convert \
	tests/unit/test_mime_type \
	tests/unit/test_msgid \
	tests/unit/test_source \
	tests/unit/test_wire
tests_unit_test_address_SOURCES = tests/unit/test_address.c tests/unit/message_help.h
tests_unit_test_aliases_SOURCES = tests/unit/test_aliases.c tests/unit/message_help.h
tests_unit_test_command_lines_SOURCES = tests/unit/test_command_lines.c
tests_unit_test_dsn_SOURCES = tests/unit/test_dsn.c tests/unit/message_help.h
tests_unit_test_envelope_SOURCES = tests/unit/test_envelope.c tests/unit/message_help.h
tests_unit_test_header_SOURCES = tests/unit/test_header.c tests/unit/message_help.h
tests_unit_test_header_encode_SOURCES = tests/unit/test_header_encode.c tests/unit/message_help.h
tests_unit_test_header_recipients_SOURCES = tests/unit/test_header_recipients.c tests/unit/message_help.h
tests_unit_test_header_write_SOURCES = tests/unit/test_header_write.c tests/unit/message_help.h
tests_unit_test_message_SOURCES = tests/unit/test_message.c tests/unit/message_help.h
tests_unit_test_mime_convert_SOURCES = tests/unit/test_mime_convert.c tests/unit/message_help.h
tests_unit_test_mime_type_SOURCES = tests/unit/test_mime_type.c tests/unit/message_help.h
tests_unit_test_msgid_SOURCES = tests/unit/test_msgid.c tests/unit/message_help.h
tests_unit_test_source_SOURCES = tests/unit/test_source.c tests/unit/message_help.h
tests_unit_test_wire_SOURCES = tests/unit/test_wire.c tests/unit/message_help.h
