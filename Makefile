# SPDX-License-Identifier: MIT OR Apache-2.0
#
#   make             build the four programs into build/
#   make deps        install what building and testing need (Debian, apt)
#   make demo        record the built-in test camera for ten seconds
#   make check       run all tests;  make install  into PREFIX
#
# CC, CPPFLAGS, CFLAGS, LDFLAGS and PKG_CONFIG are yours; CFLAGS come after ours.

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
	-DNALPIPE_VERSION='"$(VERSION)"' -Ilib $(CPPFLAGS) $(CFLAGS)
LINK = $(CC) -pthread $(CFLAGS) $(LDFLAGS)

LIB_OBJS = $(patsubst %.c,$(B)/obj/%.o,$(wildcard lib/*.c))
TOOLS = $(B)/tests/camera
UNIT_TESTS = $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/*.c))

all: $(PROGRAMS:%=$(B)/%)

tools: all $(TOOLS)

# One program is one folder; what two of them share is in lib.
define program
$(B)/$(notdir $(1)): $(patsubst %.c,$(B)/obj/%.o,$(wildcard $(1)/*.c)) $(LIB_OBJS)
	$$(LINK) -o $$@ $$^ $$(BSD_LIBS)
endef
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p))))

$(B)/tests/camera: $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/camera/*.c)) $(LIB_OBJS)
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(BSD_LIBS)

# A unit test names the files under test in its first line: /* units: sei-dump/csv.c ... */
.SECONDEXPANSION:
units = $(shell sed -n '1s|^/\* units: \(.*\) \*/$$|\1|p' tests/unit/$(1).c)
$(UNIT_TESTS): $(B)/tests/unit/%: $(B)/obj/tests/unit/%.o $$(patsubst %.c,$(B)/obj/%.o,$$(call units,$$*)) $(LIB_OBJS)
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(BSD_LIBS)

# Objects have a folder of their own, because a program has the name of its sources' folder.
$(B)/obj/%.o: %.c | $(B)/libraries
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP -c -o $@ $<

$(B)/libraries:
	@$(PKG_CONFIG) --exists libbsd-overlay libmd || \
	    { echo "libbsd and libmd are needed: run 'make deps' (Debian), or install them" >&2; exit 1; }
	@mkdir -p $(@D) && touch $@

ifneq ($(filter deps,$(MAKECMDGOALS)),)
$(B)/libraries $(filter-out deps,$(MAKECMDGOALS)): | deps
endif

# What each target needs of Debian: to build, to test, to judge.
DEPS_BUILD = gcc make libc6-dev pkg-config libbsd-dev libmd-dev
DEPS_CHECK = bats bats-support bats-assert ffmpeg mandoc netcat-openbsd procps python3

deps:
	@tests/deps.sh $(DEPS_BUILD) $(DEPS_CHECK)

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

.PHONY: all tools deps install uninstall clean
-include $(wildcard $(B)/obj/*/*.d $(B)/obj/*/*/*.d)
