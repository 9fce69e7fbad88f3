# SPDX-License-Identifier: MIT OR Apache-2.0
#
#   make             build the four programs into build/
#   make deps        install what building and testing need (Debian, apt)
#   make demo        record the built-in test camera for ten seconds
#   make check       run all tests; make install puts everything into PREFIX
#   make check-san   the tests under ASan, UBSan and TSan
#   make check-interop   other people's cameras and players
#   make lint        what tools can say about code and pages
#   make bench       the pipeline's cost beside ffmpeg's and the copy floor
# CC, CPPFLAGS, CFLAGS, LDFLAGS and PKG_CONFIG are yours; CFLAGS come after ours.
# V=1 shows the commands. PORTABLE=1 leaves out what only Linux has (with B=build/portable, say).

VERSION = 0.1.0

PREFIX = /usr/local
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
PKG_CONFIG = pkg-config
CFLAGS =
WERROR =
B = build

PROGRAMS = rtsp-fetch h264-sei-stamp mp4-wrap sei-dump
PAGES = $(wildcard man/*.[157])

# Expanded when a recipe runs, so that `make deps check` finds what deps installed.
BSD_CFLAGS = $(shell $(PKG_CONFIG) --cflags libbsd-overlay libmd)
BSD_LIBS = $(shell $(PKG_CONFIG) --libs libmd libbsd-overlay) $(RESOLV_LIBS)
# base64: in libc on a BSD, in libresolv on Linux.
RESOLV_LIBS = $(shell test "$$(uname)" != Linux || echo -lresolv)

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef -Wvla \
	-Wformat=2 -Wimplicit-fallthrough $(WERROR)
COMPILE = $(CC) -std=c11 -O2 -g -pthread $(WARNINGS) $(BSD_CFLAGS) -D_DEFAULT_SOURCE -DLIBBSD_OPENBSD_VIS \
	-DNALPIPE_VERSION='"$(VERSION)"' -Ilib $(if $(PORTABLE),-DPORTABLE) $(CPPFLAGS) $(CFLAGS)
LINK = $(CC) -pthread $(CFLAGS) $(LDFLAGS)

Q = $(if $(V),,@)

LIB_OBJS = $(patsubst %.c,$(B)/obj/%.o,$(wildcard lib/*.c))
TOOLS = $(B)/tests/camera
UNIT_TESTS = $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/*.c))

all: $(PROGRAMS:%=$(B)/%)

tools: all $(TOOLS)

# One program is one folder; what two of them share is in lib.
define program
$(B)/$(notdir $(1)): $(patsubst %.c,$(B)/obj/%.o,$(wildcard $(1)/*.c)) $(LIB_OBJS)
	@echo "  LINK $$@"
	$(Q)$$(LINK) -o $$@ $$^ $$(BSD_LIBS)
endef
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p))))

$(B)/tests/camera: $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/camera/*.c)) $(LIB_OBJS)
	@mkdir -p $(@D)
	@echo "  LINK $@"
	$(Q)$(LINK) -o $@ $^ $(BSD_LIBS)

# A unit test names the files under test in its first line: /* units: sei-dump/csv.c ... */
.SECONDEXPANSION:
units = $(shell sed -n '1s|^/\* units: \(.*\) \*/$$|\1|p' tests/unit/$(1).c)
$(UNIT_TESTS): $(B)/tests/unit/%: $(B)/obj/tests/unit/%.o \
	$$(addprefix $(B)/obj/,$$(addsuffix .o,$$(basename $$(call units,$$*)))) $(LIB_OBJS)
	@mkdir -p $(@D)
	@echo "  LINK $@"
	$(Q)$(LINK) -o $@ $^ $(BSD_LIBS)

# Objects have a folder of their own, because a program has the name of its sources' folder.
$(B)/obj/%.o: %.c | $(B)/libraries
	@mkdir -p $(@D)
	@echo "  CC $<"
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $<

$(B)/libraries:
	@$(PKG_CONFIG) --exists libbsd-overlay libmd || \
	    { echo "libbsd and libmd are needed: run 'make deps' (Debian), or install them" >&2; exit 1; }
	@mkdir -p $(@D) && touch $@

ifneq ($(filter deps,$(MAKECMDGOALS)),)
$(B)/libraries $(filter-out deps,$(MAKECMDGOALS)): | deps
endif

# What each target needs of Debian. Building and the demo need little.
DEPS_BUILD = gcc make libc6-dev pkg-config libbsd-dev libmd-dev
DEPS_CHECK = bats bats-support bats-assert ffmpeg mandoc netcat-openbsd procps python3 shellcheck
DEPS_INTEROP = python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base \
	gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly \
	gstreamer1.0-libav gstreamer1.0-tools
small_goals = deps all demo install
DEPS = $(DEPS_BUILD) \
	$(if $(filter-out deps,$(MAKECMDGOALS)),$(if $(filter-out $(small_goals),$(MAKECMDGOALS)),$(DEPS_CHECK)),$(DEPS_CHECK)) \
	$(if $(filter check-interop,$(MAKECMDGOALS)),$(DEPS_INTEROP))

deps:
	@tests/deps.sh $(DEPS)

demo: all tools
	@tests/demo.sh $(B)

check: all tools $(UNIT_TESTS)
	@tests/run.sh $(B) $(UNIT_TESTS) $(sort $(wildcard tests/*.bats))

# Sanitized programs live beside the others. The threads are rtsp-fetch's alone.
SAN = -O1 -fno-omit-frame-pointer -fsanitize
check-san:
	$(MAKE) check B=$(B)/asan CFLAGS='$(SAN)=address,undefined -fno-sanitize-recover=undefined $(CFLAGS)'
	$(MAKE) check-threads B=$(B)/tsan CFLAGS='$(SAN)=thread $(CFLAGS)'

check-threads: all tools
	@tests/run.sh $(B) tests/rtsp-fetch.bats tests/pipeline.bats

# The ways around what only Linux has.
check-portable:
	$(MAKE) check B=$(B)/portable PORTABLE=1

check-interop: all tools
	@tests/run.sh $(B) $(sort $(wildcard tests/interop/*.bats))

bench: all tools
	@tests/bench/bench.sh $(B)

lint:
	mandoc -T lint -W warning $(PAGES)
	shellcheck tests/*.sh tests/bench/*.sh .ci/run
	@! grep -nE '[[:blank:]]+$$' $(SOURCES) Makefile README.md || { echo "blanks at line ends" >&2; exit 1; }
	@! awk 'length($$0) > 110 { print FILENAME ":" FNR ": longer than 110 columns" }' \
	    $(filter-out tests/%,$(SOURCES)) | grep .

SOURCES = $(wildcard */*.[ch] tests/*/*.[ch])

install: all
	mkdir -p $(DESTDIR)$(BINDIR)
	cp $(PROGRAMS:%=$(B)/%) $(DESTDIR)$(BINDIR)/
	for page in $(PAGES); do \
		dir=$(DESTDIR)$(MANDIR)/man$${page##*.}; \
		mkdir -p "$$dir" && cp "$$page" "$$dir/" && chmod 644 "$$dir/$${page##*/}" || exit 1; \
	done
	cd $(DESTDIR)$(BINDIR) && chmod 755 $(PROGRAMS)

uninstall:
	cd $(DESTDIR)$(BINDIR) && rm -f $(PROGRAMS)
	for page in $(PAGES); do rm -f "$(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/}"; done

clean:
	rm -rf $(B)

.PHONY: all tools deps demo check check-san check-threads check-portable check-interop bench lint install \
	uninstall clean
-include $(wildcard $(B)/obj/*/*.d $(B)/obj/*/*/*.d)
