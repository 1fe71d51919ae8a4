/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message_help.h"

static void fill(struct source *src, struct strbuf *copy, size_t total, size_t portion)
{
	while (copy->len < total) {
		size_t from = copy->len;
		for (size_t i = 0; i < portion && copy->len < total; i++)
			strbuf_addch(copy, (char)(copy->len * 31 >> 5));
		assert_true(source_append(src, copy->buf + from, copy->len - from, NULL));
	}
	assert_int_equal(src->size, total);
}

static void what_was_written_is_read_from_any_offset(void **state)
{
	(void)state;
	static const size_t totals[] = {0, 1, 1000, SOURCE_MEMORY_MAX - 1, SOURCE_MEMORY_MAX, SOURCE_MEMORY_MAX + 1, 700000};
	static const size_t portions[] = {1, 4095, 65535, 65536, 65537, 300000, 700000};
	for (size_t t = 0; t < ARRAY_SIZE(totals); t++)
		for (size_t p = 0; p < ARRAY_SIZE(portions); p++) {
			AUTO(source) src;
			AUTO(strbuf) copy = STRBUF_INIT;
			source_init(&src, temp_in_memory);
			fill(&src, &copy, totals[t], portions[p]);
			assert_int_equal(src.fd >= 0, totals[t] > SOURCE_MEMORY_MAX);
			assert_true(src.memory.cap <= 2 * SOURCE_MEMORY_MAX);
			for (size_t offset = 0; offset <= totals[t]; offset += 9999) {
				char buf[777];
				size_t got = 0;
				assert_true(source_read_at(&src, offset, buf, sizeof(buf), &got, NULL));
				assert_int_equal(got == 0, offset == totals[t]);
				assert_memory_equal(buf, copy.buf + offset, got);
			}
			AUTO(strbuf) all = STRBUF_INIT;
			read_source(&src, &all);
			assert_span(strbuf_span(&all), strbuf_span(&copy));
			struct span view;
			assert_int_equal(source_view(&src, &view), totals[t] <= SOURCE_MEMORY_MAX);
		}
}

static void nothing_is_read_behind_the_end(void **state)
{
	(void)state;
	AUTO(source) src;
	char buf[4];
	size_t got = 9;
	source_init(&src, NULL);
	assert_true(source_append(&src, "abc", 3, NULL));
	assert_true(source_read_at(&src, 3, buf, sizeof(buf), &got, NULL));
	assert_int_equal(got, 0);
	assert_true(source_read_at(&src, UINT64_MAX, buf, sizeof(buf), &got, NULL));
	assert_int_equal(got, 0);
}

static void without_a_folder_all_stays_in_memory(void **state)
{
	(void)state;
	AUTO(source) src;
	AUTO(strbuf) copy = STRBUF_INIT;
	struct span view = {NULL, 0};
	source_init(&src, NULL);
	fill(&src, &copy, 600000, 100000);
	assert_true(source_view(&src, &view));
	assert_span(view, strbuf_span(&copy));
}

static void a_released_source_can_be_used_again(void **state)
{
	(void)state;
	AUTO(source) src;
	AUTO(strbuf) first = STRBUF_INIT, second = STRBUF_INIT;
	source_init(&src, temp_in_memory);
	fill(&src, &first, 400000, 50000);
	source_release(&src);
	assert_int_equal(src.size, 0);
	assert_int_equal(src.fd, -1);
	fill(&src, &second, 400000, 50000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read_from_any_offset),
		cmocka_unit_test(nothing_is_read_behind_the_end),
		cmocka_unit_test(without_a_folder_all_stays_in_memory),
		cmocka_unit_test(a_released_source_can_be_used_again),
	};
	return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
