# SPDX-License-Identifier: GPL-3.0-or-later
# Measuring: "make bench".  Nothing here checks time in "make check"; that only
# builds the tools and tries each once.
bench_tools = tests/bench/run tests/bench/link tests/bench/fast_sink tests/bench/limit tests/bench/batch \
	tests/bench/empty
check_PROGRAMS += $(bench_tools)
tests_bench_run_SOURCES = tests/bench/run.c
tests_bench_run_LDADD =
tests_bench_link_SOURCES = tests/bench/link.c tests/bench/link.h tests/bench/link_proxy.c tests/bench/link_tun.c
tests_bench_link_LDADD =
tests_bench_fast_sink_SOURCES = tests/bench/fast_sink.c tests/bench/fast_sink.h tests/bench/fast_sink_session.c
tests_bench_fast_sink_LDADD = $(GNUTLS_LIBS)
tests_bench_limit_SOURCES = tests/bench/limit.c tests/bench/limit_trust.c tests/bench/limit.h
tests_bench_limit_LDADD = $(GNUTLS_LIBS)
tests_bench_batch_SOURCES = tests/bench/batch.c
tests_bench_batch_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/lib
tests_bench_batch_LDADD = $(POSTHASTE_LIBS)
tests_bench_empty_SOURCES = tests/bench/empty.c
tests_bench_empty_LDADD =

EXTRA_DIST += tests/bench/bench tests/bench/lab.py tests/bench/peers.py tests/bench/plot
EXTRA_DIST += tests/bench/table.py tests/bench/workloads.py

# make bench BENCH_FLAGS="--quick w1 w4"; see tests/bench/bench --help
BENCH_FLAGS =
.PHONY: bench
bench: posthaste$(EXEEXT) $(bench_tools)
	@if grep -q '^#define HAVE_SANITIZERS' config.h; then \
		echo "make bench: this build has sanitizers; measure one without" >&2; exit 1; \
	fi
	$(AM_V_at)$(PYTHON3) $(srcdir)/tests/bench/bench . ./posthaste$(EXEEXT) $(BENCH_FLAGS)
PYTHON3 = python3
