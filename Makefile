# collab: the extension by PGXS, the bridge and the web page by their own builds, and the targets people type.
#
#   make            builds everything             make run        the demo in the foreground, Ctrl-C stops it
#   make install    installs all of it            make start      the same in the background; make stop ends it
#   make test       runs every tier of tests      make token USER=alice    a token for the running demo
#   make bench      measures against peers        make soak       an hour of 500 connections; SOAK_MINUTES= changes it
#   make load       100 clients on a board, CLIENTS= BOARDS= RATE= SECONDS=; make storm: 1,000 join at once
#   make coverage   what the tests touch          make psql       the demo's database, as its owner
#   make fuzz       hostile input, 10 minutes a target (FUZZ_SECONDS=, TARGETS=)
#   make test-matrix     the database's tests under PostgreSQL 17 too (root; fetches a Debian once)
#   make documentation   writes the pages of docs/ that are made from tables, and the man pages
#   make deps       installs what is missing      make clean      removes what make built
#
#   make test-package  builds the Debian packages and tries them in a Debian of their own (root; fetches it once)
#
# make install puts the extension where pg_config says, the rest below prefix= (/usr/local); DESTDIR= goes before both, and make
# uninstall takes away what the same variables name.
# PORT= and RUN_DIR= move the demo, ARGS= goes to psql, PARTS= (empty) leaves the bridge and the page out,
# V=1 shows whole command lines, PG_CONFIG= chooses the server to build for. The version is written in collab.control and nowhere else.

PG_CONFIG ?= pg_config
PARTS ?= bridge web
WERROR ?= -Werror

.DEFAULT_GOAL := all

# ---- the extension -------------------------------------------------------------------------------------------------

EXTENSION = collab
MODULE_big = collab
DEFAULT_VERSION := $(shell sed -n "s/^default_version *= *'\([^']*\)'.*/\1/p" collab.control)

BUILD := extension/build
SOURCES := $(sort $(wildcard extension/*.c extension/*/*.c))
# The typed functions are made from the table of commands, and stand between the fragments 49 and 55.
TYPED_FUNCTIONS := $(BUILD)/50_commands.sql
FRAGMENTS := $(sort $(wildcard extension/schema/[0-4]*.sql)) $(TYPED_FUNCTIONS) $(sort $(wildcard extension/schema/[5-9]*.sql))
OBJS := $(SOURCES:extension/%.c=$(BUILD)/%.o)

# The current version's script is joined from its fragments. Earlier versions, and the steps between them, are frozen
# files; a frozen copy of the current version must not be installed a second time over the joined one. The step from the
# version before (whose number its head has in its name) is joined too, until it is frozen.
STEP_HEAD := $(wildcard extension/schema/step_*_head.sql)
STEP_SCRIPT := $(STEP_HEAD:extension/schema/step_%_head.sql=$(BUILD)/collab--%--$(DEFAULT_VERSION).sql)
DATA_built = $(BUILD)/collab--$(DEFAULT_VERSION).sql $(STEP_SCRIPT)
DATA = $(filter-out %/collab--$(DEFAULT_VERSION).sql,$(sort $(wildcard extension/upgrade/*.sql)))

PG_CPPFLAGS = -Iextension -DCOLLAB_VERSION='"$(DEFAULT_VERSION)"'
PG_CFLAGS = -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers $(WERROR)
ifeq ($(COVERAGE),1)
PG_CFLAGS += -O0 --coverage
SHLIB_LINK += --coverage
endif

# No bitcode: inlining these functions into JIT code buys nothing, and it would make clang a build dependency.
override with_llvm = no

EXTRA_CLEAN = $(BUILD)

# Debian ships PGXS with the client: the headers are what tells.
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
SERVER_HEADERS := $(shell $(PG_CONFIG) --includedir-server 2>/dev/null)
ifneq ($(and $(wildcard $(PGXS)),$(wildcard $(SERVER_HEADERS)/postgres.h)),)
include $(PGXS)
else
all install installdirs uninstall:
	@echo "make: $(PG_CONFIG) names no PostgreSQL with server headers; 'make deps' installs what is missing" \
	      "(postgresql-server-dev-NN), or set PG_CONFIG=" >&2; exit 1
clean distclean:
	rm -rf $(BUILD) collab.so
endif

$(BUILD)/%.o: extension/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(if $(V),,@echo "CC $<" &&) $(CC) $(CFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/collab--$(DEFAULT_VERSION).sql: $(FRAGMENTS) $(BUILD)/flags
	cat $(FRAGMENTS) > $@

$(TYPED_FUNCTIONS): extension/command/commands.def extension/schema/commands.awk $(BUILD)/flags
	awk -f extension/schema/commands.awk extension/command/commands.def > $@

# What a step loads again or anew, in the order of the whole script: every object is written once, for both.
STEP := $(STEP_HEAD) $(TYPED_FUNCTIONS) $(sort $(wildcard extension/schema/5[7-9]_*.sql)) extension/schema/69_access_objects.sql \
	extension/schema/75_owners.sql extension/schema/step_tail.sql

$(STEP_SCRIPT): $(STEP) $(BUILD)/flags
	cat $(STEP) > $@

collab.so: $(BUILD)/flags

# Changes when the flags, the sources or the fragments do: what depends on it is then made anew.
BUILT_FROM = $(subst ','\'',$(CC) $(CFLAGS) $(CPPFLAGS) $(SHLIB_LINK) $(OBJS) $(FRAGMENTS) $(STEP))

$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(BUILT_FROM)' | cmp -s - $@ || echo '$(BUILT_FROM)' > $@

-include $(OBJS:.o=.d)

# ---- the bridge and the page it serves -----------------------------------------------------------------------------

all: $(PARTS)

# The server's own flags must not leak into the bridge.
bridge:
	@env -u CFLAGS -u CPPFLAGS -u LDFLAGS $(MAKE) --no-print-directory -C bridge

# PGXS has a prefix of its own: only one given on the command line is meant for the bridge.
PREFIX = $(if $(filter command line,$(origin prefix)),$(prefix),/usr/local)
PART_INSTALL = @env -u CFLAGS -u CPPFLAGS -u LDFLAGS $(MAKE) --no-print-directory -C bridge PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)'

install: $(PARTS:%=install-%)
install-bridge: bridge
	$(PART_INSTALL) install
install-web: web
	$(PART_INSTALL) install-web

uninstall: $(PARTS:%=uninstall-%)
uninstall-bridge:
	$(PART_INSTALL) uninstall
uninstall-web:
	$(PART_INSTALL) uninstall-web

WEB_SOURCES = $(shell find bridge/web -name node_modules -prune -o -name dist -prune -o -type f -print 2>/dev/null)

web: bridge/web/dist/index.html

bridge/web/dist/index.html: bridge/web/node_modules/.installed $(WEB_SOURCES)
	cd bridge/web && npm run --silent build
	@touch $@

# npm's own record of what it installed follows no lock file: a stamp of ours does.
%/node_modules/.installed: %/package-lock.json
	cd $* && npm ci --prefer-offline --no-audit --no-fund --loglevel=error || \
	  { echo "npm cannot install the packages of $* (its reason stands above); without a network, copy $*/node_modules from another clone" >&2; exit 1; }
	@touch $@

clean: clean-parts
clean-parts:
	@if [ -f bridge/Makefile ]; then env -u CFLAGS $(MAKE) --no-print-directory -C bridge clean; fi
	rm -rf bridge/web/dist coverage

distclean: distclean-parts
distclean-parts: clean-parts
	rm -rf bridge/web/node_modules test/bridge/node_modules test/browser/node_modules

# ---- what people type ----------------------------------------------------------------------------------------------

# USER is in everybody's environment: only one given on make's command line chooses the token's user.
DEMO_USER := $(if $(filter command line,$(origin USER)),$(USER),alice)
export PORT RUN_DIR ARGS PG_CONFIG

deps:
	@bridge/demo/deps.sh run

run start stop psql:
	@bridge/demo/demo.sh $@

token:
	@bridge/demo/demo.sh token '$(DEMO_USER)'

test:
	@test/run.sh

coverage:
	@COVERAGE=1 test/run.sh

fuzz:
	@bridge/demo/deps.sh test
	@env -u CFLAGS -u CPPFLAGS -u LDFLAGS $(MAKE) --no-print-directory -C test/fuzz fuzz

test-matrix:
	@test/matrix.sh

test-package:
	@test/package.sh

documentation:
	@docs/generate.sh

bench:
	@test/load/bench.sh

soak: all test/bridge/node_modules/.installed
	@node test/load/soak.mjs

export CLIENTS BOARDS TASKS RATE CURSORS SECONDS

load: all test/bridge/node_modules/.installed
	@node test/load/load.mjs

storm: all test/bridge/node_modules/.installed
	@STORM=1 node test/load/load.mjs

FORCE:

PHONY_INSTALL = install-bridge install-web uninstall-bridge uninstall-web test-package
.PHONY: all bridge web $(PHONY_INSTALL) clean-parts distclean-parts deps run start stop token psql test fuzz test-matrix coverage bench soak load storm documentation FORCE
