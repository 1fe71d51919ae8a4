/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message_help.h"

#include <sys/mman.h>
#include <unistd.h>

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
	static const size_t totals[] = {0,     1, 1000, SOURCE_MEMORY_MAX - 1, SOURCE_MEMORY_MAX, SOURCE_MEMORY_MAX + 1,
					700000};
	static const size_t portions[] = {1, 4095, 65535, 65536, 65537, 300000, 700000};
	for (size_t t = 0; t < ARRAY_SIZE(totals); t++)
		for (size_t p = 0; p < ARRAY_SIZE(portions); p++) {
			AUTO(source) src;
			AUTO(strbuf) copy = STRBUF_INIT;
			source_init(&src, &temp_in_memory);
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

static void nothing_is_read_after_the_end(void **state)
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
	source_init(&src, &temp_in_memory);
	fill(&src, &first, 400000, 50000);
	source_release(&src);
	assert_int_equal(src.size, 0);
	assert_int_equal(src.fd, -1);
	fill(&src, &second, 400000, 50000);
}

/* ---- a file that is read again ---- */

#define BEFORE 1234 /* bytes of the file that are before the body */

/* A file with the body after other bytes, and a source that was filled while it was read. */
static int lend(struct source *src, struct strbuf *copy, size_t total, size_t portion)
{
	static const char front[BEFORE] = {'x'};
	int fd = memfd_create("input", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, front, sizeof(front)), sizeof(front));
	source_init(src, &temp_in_memory);
	source_input(src, fd);
	while (copy->len < total) {
		size_t from = copy->len;
		for (size_t i = 0; i < portion && copy->len < total; i++)
			strbuf_addch(copy, (char)(copy->len * 31 >> 5));
		assert_int_equal(write(fd, copy->buf + from, copy->len - from), (ssize_t)(copy->len - from));
		assert_true(source_append(src, copy->buf + from, copy->len - from, NULL));
	}
	assert_true(source_complete(src, NULL));
	return fd;
}

static void a_large_file_is_read_again_and_not_copied(void **state)
{
	(void)state;
	static const size_t totals[] = {SOURCE_MEMORY_MAX, SOURCE_MEMORY_MAX + 1, 17 * REREAD_FILE_BLOCK,
					18 * REREAD_FILE_BLOCK - 1, 700001};
	static const size_t portions[] = {1, 4095, 65535, 65536, 300000};
	static const size_t rooms[] = {1, 777, REREAD_FILE_BLOCK - 1, REREAD_FILE_BLOCK, 50000, 65536};
	for (size_t t = 0; t < ARRAY_SIZE(totals); t++)
		for (size_t p = 0; p < ARRAY_SIZE(portions); p++) {
			AUTO(source) src;
			AUTO(strbuf) copy = STRBUF_INIT;
			AUTO_FD int fd = lend(&src, &copy, totals[t], portions[p]);
			assert_true(fd >= 0);
			struct span view;
			assert_int_equal(src.fd, -1);
			assert_int_equal(src.file.fd >= 0, totals[t] > SOURCE_MEMORY_MAX);
			assert_int_equal(source_view(&src, &view), totals[t] <= SOURCE_MEMORY_MAX);
			assert_true(src.file.fd < 0 || src.memory.len < REREAD_FILE_BLOCK);
			for (size_t r = 0; r < ARRAY_SIZE(rooms); r++)
				for (size_t offset = 0; offset <= totals[t]; offset += 9999) {
					char buf[65536];
					size_t got = 0;
					assert_true(source_read_at(&src, offset, buf, rooms[r], &got, NULL));
					assert_true(got <= rooms[r]);
					assert_int_equal(got == 0, offset == totals[t]);
					assert_memory_equal(buf, copy.buf + offset, got);
				}
			AUTO(strbuf) all = STRBUF_INIT;
			read_source(&src, &all);
			assert_span(strbuf_span(&all), strbuf_span(&copy));
		}
}

/* Only what was read the first time is returned. */
static void a_file_that_has_changed_is_an_error(void **state)
{
	(void)state;
	static const struct {
		off_t at; /* of the body; -1: none */
		off_t cut;
		bool ok;
	} rows[] = {{-1, 0, true},
		    {0, 0, false},
		    {REREAD_FILE_BLOCK - 1, 0, false},
		    {300000, 0, false},
		    {-1, 300000, false},
		    {-1, 1, false},
		    {600000, 0, true} /* after the end */,
		    {589824, 0, true} /* the tail is in memory */};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(source) src;
		AUTO(strbuf) copy = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		AUTO_FD int fd = lend(&src, &copy, 600000, 65536);
		if (rows[i].at >= 0)
			assert_int_equal(pwrite(fd, "\xff\xff", 2, BEFORE + rows[i].at), 2);
		if (rows[i].cut)
			assert_int_equal(ftruncate(fd, rows[i].cut), 0);
		char buf[65536];
		size_t got = 1;
		bool ok = true;
		for (uint64_t offset = 0; ok && got; offset += got) {
			ok = source_read_at(&src, offset, buf, sizeof(buf), &got, &err);
			if (ok)
				assert_memory_equal(buf, copy.buf + offset, got);
		}
		assert_int_equal(ok, rows[i].ok);
		assert_int_equal(err.status.kind, ok ? ERROR_NONE : ERROR_IO);
	}
}

/* A pipe can be read only once. */
static void a_pipe_is_copied(void **state)
{
	(void)state;
	AUTO(source) src;
	AUTO(strbuf) copy = STRBUF_INIT;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	source_init(&src, &temp_in_memory);
	source_input(&src, ends[0]);
	fill(&src, &copy, 400000, 65536);
	assert_true(source_complete(&src, NULL));
	assert_true(src.fd >= 0);
	assert_int_equal(src.file.fd, -1);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read_from_any_offset),
		cmocka_unit_test(nothing_is_read_after_the_end),
		cmocka_unit_test(without_a_folder_all_stays_in_memory),
		cmocka_unit_test(a_released_source_can_be_used_again),
		cmocka_unit_test(a_large_file_is_read_again_and_not_copied),
		cmocka_unit_test(a_file_that_has_changed_is_an_error),
		cmocka_unit_test(a_pipe_is_copied),
	};
	return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
