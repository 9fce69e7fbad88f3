# SPDX-License-Identifier: MIT OR Apache-2.0
#
#   make             build the four programs into build/
#   make deps        install what building and testing need (Debian, apt)
#   make demo        record the built-in test camera for ten seconds
#   make check       run all tests; make install puts everything into PREFIX
#   make check-san   the tests under ASan, UBSan and TSan
#   make check-portable   the tests without what only Linux has
#   make check-interop   other people's cameras and players
#   make check-faults   a thousand kills, power cuts and failing calls of each kind
#   make fuzz        made-up input for the parsers (clang)
#   make lint        what tools can say about code and pages
#   make picture     man/timing.png, what sei-dump --gnuplot draws
#   make bench       the pipeline's cost beside other recorders' and the copy floor, and that of reading
#   make bench-arrival   how true the times of arrival are
#   make bench-clocks   how true camera_time and host_time are, against test cameras and simulated clocks
#   make bench-stall   what a recording goes through while its writer stands still
#   make soak        days of recording in twenty minutes
# CC, CPPFLAGS, CFLAGS, LDFLAGS and PKG_CONFIG are yours; CFLAGS come after ours.
# V=1 shows the commands. PORTABLE=1 leaves out what only Linux has (with B=build/portable, say).
# GNU make and bmake read this: neither's own functions, modifiers or conditionals.

VERSION = 0.1.0

PREFIX = /usr/local
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
PKG_CONFIG = pkg-config
CFLAGS =
WERROR =
B = build

PROGRAMS = rtsp-fetch h264-sei-stamp mp4-wrap sei-dump
PAGES = man/*.[157]

# One program is one folder, whose sources are in the variable of its name. What two of them share is in lib.
rtsp-fetch != echo rtsp-fetch/*.c
h264-sei-stamp != echo h264-sei-stamp/*.c
mp4-wrap != echo mp4-wrap/*.c
sei-dump != echo sei-dump/*.c
camera != echo tests/camera/*.c
LIB != echo lib/*.c
UNITS != echo tests/unit/*.c
FUZZ != echo tests/fuzz/*.c
SOURCES = $(rtsp-fetch) $(h264-sei-stamp) $(mp4-wrap) $(sei-dump) $(camera) $(LIB) $(UNITS) $(FUZZ)

OBJS = $(SOURCES:%.c=$(B)/obj/%.o)
LIB_OBJS = $(LIB:%.c=$(B)/obj/%.o)
TOOLS = $(B)/tests/camera
UNIT_TESTS = $(UNITS:%.c=$(B)/%)
FUZZERS = annexb conn finish json media message mp4 nals sdp sei url wrap
REPLAYS = $(FUZZERS:%=$(B)/tests/fuzz/%)

# The shell's $(...), when a command runs, so that `make deps check` finds what deps installed.
BSD_CFLAGS = $$($(PKG_CONFIG) --cflags libbsd-overlay libmd)
BSD_LIBS = $$($(PKG_CONFIG) --libs libmd libbsd-overlay) -lm $(RESOLV_LIBS)
# base64: in libc on a BSD, in libresolv on Linux.
RESOLV_LIBS = $$(test "$$(uname)" != Linux || echo -lresolv)

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef -Wvla \
	-Wformat=2 -Wimplicit-fallthrough $(WERROR)
COMPILE = $(CC) -std=c11 -O2 -g -pthread $(WARNINGS) $(BSD_CFLAGS) -D_DEFAULT_SOURCE -D_FILE_OFFSET_BITS=64 \
	-DLIBBSD_OPENBSD_VIS -DNALPIPE_VERSION='"$(VERSION)"' -Ilib $(PORTABLE:%=-DPORTABLE) $(CPPFLAGS) $(CFLAGS)
LINK = $(CC) -pthread $(CFLAGS) $(LDFLAGS)

# With V=1 this is $(Q_1), which is nothing.
Q_ = @
Q = $(Q_$(V))

all: $(PROGRAMS:%=$(B)/%)

tools: all $(TOOLS)

$(B)/rtsp-fetch: $(rtsp-fetch:%.c=$(B)/obj/%.o)
$(B)/h264-sei-stamp: $(h264-sei-stamp:%.c=$(B)/obj/%.o)
$(B)/mp4-wrap: $(mp4-wrap:%.c=$(B)/obj/%.o)
$(B)/sei-dump: $(sei-dump:%.c=$(B)/obj/%.o)
$(B)/tests/camera: $(camera:%.c=$(B)/obj/%.o)
$(PROGRAMS:%=$(B)/%) $(TOOLS): $(LIB_OBJS)
	@mkdir -p $(@D)
	@echo "  LINK $@"
	$(Q)$(LINK) -o $@ $($(@F):%.c=$(B)/obj/%.o) $(LIB_OBJS) $(BSD_LIBS)

# A unit test names the files under test in its first line: /* units: sei-dump/csv.c ... */
# So does a fuzz entry, which here replays its corpus.
TESTED = $$(sed 's|.*units:||; s|\*/||; s| \([^ ]*\)\.c| $(B)/obj/\1.o|g; q' $(@:$(B)/%=%).c)
OBJ = $(@:$(B)/%=$(B)/obj/%).o
$(UNIT_TESTS): $(OBJS)
	@mkdir -p $(@D)
	@echo "  LINK $@"
	$(Q)$(LINK) -o $@ $(OBJ) $(TESTED) $(LIB_OBJS) $(BSD_LIBS)
$(REPLAYS): $(OBJS)
	@mkdir -p $(@D)
	@echo "  LINK $@"
	$(Q)$(LINK) -o $@ $(OBJ) $(B)/obj/tests/fuzz/replay.o $(TESTED) $(LIB_OBJS) $(BSD_LIBS)

# Objects have a folder of their own, because a program has the name of its sources' folder.
# This rule cannot say what each is made from; the .d that comes with an object says it next time.
SOURCE = $(@:$(B)/obj/%.o=%.c)
$(OBJS): $(B)/libraries
	@mkdir -p $(@D)
	@echo "  CC $(SOURCE)"
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $(SOURCE)

$(B)/libraries:
	@$(PKG_CONFIG) --exists libbsd-overlay libmd || \
	    { echo "libbsd and libmd are needed: run 'make deps' (Debian), or install them" >&2; exit 1; }
	@mkdir -p $(@D) && { test -e $@ || touch $@; }

# With other goals deps comes first, and installs what they need. The goals are a variable of make's own:
# the first GNU make's, the second bmake's.
GOALS = $(MAKECMDGOALS) $(.TARGETS)
DEPS_FIRST != case " $(GOALS) " in *" deps "*) echo deps ;; esac
$(B)/libraries lint check-san check-portable: $(DEPS_FIRST)

deps:
	@tests/deps.sh $(GOALS)

demo: all tools
	@tests/demo.sh $(B)

check: all tools $(UNIT_TESTS) $(REPLAYS)
	@tests/run.sh $(B) $(UNIT_TESTS) $(REPLAYS) tests/*.bats

# Sanitized programs live beside the others. The threads are rtsp-fetch's alone.
SAN = -O1 -fno-omit-frame-pointer -fsanitize
check-san:
	$(MAKE) check B=$(B)/asan CFLAGS='$(SAN)=address,undefined -fno-sanitize-recover=undefined $(CFLAGS)'
	$(MAKE) check-threads B=$(B)/tsan CFLAGS='$(SAN)=thread $(CFLAGS)'

check-threads: all tools
	@tests/run.sh $(B) tests/rtsp-fetch.bats tests/life.bats tests/pipeline.bats

# The ways around what only Linux has.
check-portable:
	$(MAKE) check B=$(B)/portable PORTABLE=1

check-interop: all tools
	@tests/run.sh $(B) tests/interop/*.bats

# tests/faults.bats with more tries, and what they cost. Root for the disks.
check-faults: all tools
	@FAULTS_TRIES=1000 FAULTS_FFMPEG=20 tests/run.sh $(B) tests/faults.bats

# libFuzzer for FUZZ_SECONDS of CPU time each, from the corpora that check replays.
FUZZ_SECONDS = 60
fuzz:
	@COMPILE="clang -std=c11 -g -O1 $(BSD_CFLAGS) -D_DEFAULT_SOURCE -DLIBBSD_OPENBSD_VIS -Ilib" \
	    LIBS="$(BSD_LIBS)" tests/fuzz/fuzz.sh $(B)/fuzz $(FUZZ_SECONDS) $(FUZZERS)

bench: all tools
	@tests/bench/bench.py $(B)

bench-arrival: all tools
	@tests/bench/arrival.py $(B)

SEEDS = 20
bench-clocks: all tools
	@tests/bench/clocks.py $(B)
	@PATH="$$PWD/$(B):$$PATH" tests/tools/clocksim.py table $(SEEDS)

bench-stall: all tools
	@tests/bench/stall.py $(B)

# A simulated recording with one of everything.
picture: all
	@mkdir -p $(B)/picture && PYTHONDONTWRITEBYTECODE=1 tests/tools/clocksim.py make picture 1 \
	    $(B)/picture/garden.nals /dev/null
	@cd $(B)/picture && ../sei-dump --gnuplot garden.nals 2>/dev/null | \
	    gnuplot -e "term='pngcairo size 1120,840 font \",9\"'" - >garden.png
	cp $(B)/picture/garden.png man/timing.png

soak: all tools
	@tests/bench/soak.py $(B)

lint:
	mandoc -T lint -W warning $(PAGES)
	shellcheck tests/*.sh tests/bench/*.sh tests/fuzz/*.sh .ci/run
	@! grep -nE '[[:blank:]]+$$' */*.[ch] tests/*/*.[ch] Makefile README.md || \
	    { echo "blanks at line ends" >&2; exit 1; }
	@! awk 'length($$0) > 110 { print FILENAME ":" FNR ": longer than 110 columns" }' */*.[ch] | grep .

install: all
	mkdir -p $(DESTDIR)$(BINDIR)
	cp $(PROGRAMS:%=$(B)/%) $(DESTDIR)$(BINDIR)/
	chmod 755 $(PROGRAMS:%=$(DESTDIR)$(BINDIR)/%)
	for page in $(PAGES); do \
		dir=$(DESTDIR)$(MANDIR)/man$${page##*.}; \
		mkdir -p "$$dir" && cp "$$page" "$$dir/" && chmod 644 "$$dir/$${page##*/}" || exit 1; \
	done

uninstall:
	rm -f $(PROGRAMS:%=$(DESTDIR)$(BINDIR)/%)
	for page in $(PAGES); do rm -f "$(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/}"; done

clean:
	rm -rf $(B)

.PHONY: all tools deps demo check check-san check-threads check-portable check-interop check-faults fuzz bench \
	bench-arrival bench-clocks bench-stall soak picture lint install uninstall clean
-include $(OBJS:.o=.d)
