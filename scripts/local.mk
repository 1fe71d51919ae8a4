# SPDX-License-Identifier: GPL-3.0-or-later

EXTRA_DIST += scripts/check-dist scripts/check-newcomer scripts/check-packages scripts/coverage scripts/demo \
	scripts/format scripts/install-deps scripts/package-deb scripts/release \
	scripts/test .clang-format .editorconfig
# What distributions need.
EXTRA_DIST += debian packaging

# Starting the queue runner: a script for the system's network hooks, units for the user's systemd, and for the system's
# a script that runs the queues of users without a home, and the mail service.
dist_pkgdata_SCRIPTS = scripts/network-up
pkglibexec_SCRIPTS = scripts/run-queues
dist_systemduserunit_DATA = scripts/systemd/posthaste-queue.timer
nodist_systemduserunit_DATA = scripts/systemd/posthaste-queue.service scripts/systemd/posthaste-queue-now.service
dist_systemdsystemunit_DATA = scripts/systemd/posthaste-queues.timer scripts/systemd/posthaste.socket
nodist_systemdsystemunit_DATA = scripts/systemd/posthaste-queues.service scripts/systemd/posthaste.service
nodist_tmpfiles_DATA = scripts/systemd/tmpfiles.d/posthaste.conf
nodist_sysusers_DATA = scripts/systemd/sysusers.d/posthaste.conf
queue_files = $(pkglibexec_SCRIPTS) $(nodist_systemduserunit_DATA) $(nodist_systemdsystemunit_DATA)
EXTRA_DIST += scripts/run-queues.in scripts/systemd/posthaste-queue.service.in \
	scripts/systemd/posthaste-queue-now.service.in scripts/systemd/posthaste-queues.service.in \
	scripts/systemd/posthaste.service.in scripts/systemd/sysusers.conf scripts/systemd/tmpfiles.conf.in
CLEANFILES += $(queue_files) $(nodist_tmpfiles_DATA) $(nodist_sysusers_DATA)
scripts/run-queues: scripts/run-queues.in
scripts/systemd/posthaste-queue.service: scripts/systemd/posthaste-queue.service.in
scripts/systemd/posthaste-queue-now.service: scripts/systemd/posthaste-queue-now.service.in
scripts/systemd/posthaste-queues.service: scripts/systemd/posthaste-queues.service.in
scripts/systemd/posthaste.service: scripts/systemd/posthaste.service.in
$(queue_files):
	$(AM_V_GEN)$(MKDIR_P) scripts/systemd && sed -e 's|@bindir[@]|$(bindir)|g' \
		-e 's|@localstatedir[@]|$(localstatedir)|g' -e 's|@pkglibexecdir[@]|$(pkglibexecdir)|g' \
		$(srcdir)/$@.in >$@.tmp && mv $@.tmp $@
# One name in two folders, because systemd's configuration files are named after their package.
scripts/systemd/tmpfiles.d/posthaste.conf: scripts/systemd/tmpfiles.conf.in
	$(AM_V_GEN)$(MKDIR_P) $(@D) && sed -e 's|@localstatedir[@]|$(localstatedir)|g' \
		$(srcdir)/scripts/systemd/tmpfiles.conf.in >$@.tmp && mv $@.tmp $@
scripts/systemd/sysusers.d/posthaste.conf: scripts/systemd/sysusers.conf
	$(AM_V_GEN)$(MKDIR_P) $(@D) && cp $(srcdir)/scripts/systemd/sysusers.conf $@.tmp && mv $@.tmp $@
