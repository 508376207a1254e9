# make demo    its own virtual environment, then the main job on a real repository
# make test    what the tests need, then all of them
# make help    everything else

.ONESHELL:
.SHELLFLAGS = -eu -c
.DEFAULT_GOAL := help
.PHONY: help demo test lint wheel bench bench-scale bench-serve torture fuzz lock clean

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
LOCK := tests/requirements.lock
VERSIONS := python3.14 python3.13 python3.12 python3.11 python3
# Each test that needs one of these says so and is skipped without it.
TEST_COMMANDS := bwrap:bubblewrap faketime:faketime gpg:gnupg ssh-keygen:openssh-client strace:strace tmux:tmux
# Each row of a benchmark that needs one of these says so and is left out without it.
BENCH_COMMANDS := bwrap:bubblewrap mtree:mtree-netbsd ninja:ninja-build

help:
	@sed -n 's/^# make /make /p' Makefile
	@printf '%s\n' 'make lint    ruff and mypy' 'make wheel   dist/: a wheel and an sdist' \
	  'make bench   the figures, each beside its floor' 'make torture each promise of docs/reliability.md, put to the test' \
  'make fuzz    ten minutes of inputs that nobody thought of' 'make lock    the versions that the tests run with, anew' \
	  'make clean   removes all that the others made'

demo: $(VENV)/.installed
	@$(BIN)/checkpoint demo

test: $(VENV)/.tools
	@$(call install_commands,$(TEST_COMMANDS),tests)
	$(BIN)/python -m pytest -n 2 --dist loadgroup -q $(ARGS)

lint: $(VENV)/.tools
	@status=0
	$(BIN)/ruff check --output-format concise || status=1
	$(BIN)/ruff format --check || status=1
	$(BIN)/mypy || status=1
	exit $$status

wheel: $(VENV)/.tools
	@rm -rf dist
	$(BIN)/python -m build --no-isolation

# Measured as its users have it: from a wheel, with its own dependencies and no others. All of it, whatever is missed.
bench: build/bench/bin/checkpoint
	@status=0
	$(BIN)/python -m benchmarks.small --checkpoint build/bench/bin/checkpoint $(ARGS) || status=1
	$(BIN)/python -m benchmarks.schedule $(ARGS) || status=1
	$(BIN)/python -m benchmarks.outbox $(ARGS) || status=1
	$(call install_commands,$(BENCH_COMMANDS),rows of the benchmark)
	$(BIN)/python -m benchmarks.scale --checkpoint build/bench/bin/checkpoint $(ARGS) || status=1
	exit $$status

# The part of it that works on 100,000 artifacts: `make bench-scale ARGS="--only cycle"` for one row.
bench-scale: build/bench/bin/checkpoint
	@$(call install_commands,$(BENCH_COMMANDS),rows of the benchmark)
	$(BIN)/python -m benchmarks.scale --checkpoint build/bench/bin/checkpoint $(ARGS)

.PHONY: build/bench/bin/checkpoint
build/bench/bin/checkpoint: $(VENV)/.tools
	@rm -rf build/bench
	$(BIN)/python -m venv --without-pip build/bench
	$(PIP) --python build/bench/bin/python install --quiet .

# Two people at work for ten minutes, and what came of it.
bench-serve: $(VENV)/.tools
	$(BIN)/python -m benchmarks.serve $(ARGS)

# Every promise of docs/reliability.md, beside the naive way: `make torture ARGS="race slots --short"` for some of them.
torture: $(VENV)/.tools
	@$(call install_commands,$(TEST_COMMANDS),tests)
	$(BIN)/python -m benchmarks.torture $(ARGS)

# Guided by coverage where there is an atheris for this Python, by hypothesis alone elsewhere.
fuzz: $(VENV)/.tools
	@group=$$($(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["fuzz"])')
	$(PIP) install --quiet --only-binary :all: "$$group" || echo "no atheris for this Python: the search is not guided"
	$(BIN)/python -m benchmarks.fuzz $(ARGS)

# A lock file holds a version and its hashes for every Python and platform; it names no registry.
lock: $(VENV)/.tools
	@$(PIP) install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --group dev \
	  --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade) --output-file $(LOCK) pyproject.toml

clean:
	@rm -rf $(VENV) build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find checkpoint validators tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# The package is installed as a link to this folder, so only its metadata can be out of date.
$(VENV)/.installed: pyproject.toml $(VENV)/.made
	@$(PIP) install --quiet --editable .
	touch $@

$(VENV)/.tools: pyproject.toml $(LOCK) $(VENV)/.made
	@$(PIP) install --quiet --require-hashes --requirement $(LOCK)
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	touch $@ $(VENV)/.installed

$(VENV)/.made:
	@if [ -e $(VENV) ]; then
	  if $(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then touch $@; exit; fi
	  echo "error: $(VENV) is there already, and is no environment of Python 3.11 or newer with pip" >&2
	  echo "mend:  remove it (make clean does), then run make again" >&2
	  exit 1
	fi
	python=$$(for each in $(VERSIONS); do
	  if "$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo "$$each"; break; fi
	done)
	if [ -z "$$python" ]; then
	  echo "error: no Python 3.11 or newer was found" >&2
	  echo "mend:  install one (on Debian: apt-get install python3), or put it on the PATH" >&2
	  exit 1
	fi
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then
	  package=$$("$$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	    echo "installing $$package"
	    $(call apt_install,"$$package")
	  else
	    echo "error: $$python cannot make a virtual environment: its module ensurepip is missing" >&2
	    echo "mend:  install it (on Debian: sudo apt-get install $$package), then run make again" >&2
	    exit 1
	  fi
	fi
	"$$python" -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
	touch $@

define apt_install
{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(1) >/dev/null; }
endef

define install_commands
for each in $(1); do
  command=$${each%%:*} package=$${each#*:}
  if command -v "$$command" >/dev/null; then continue; fi
  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing $$package"
    $(call apt_install,"$$package") || echo "skipping the $(2) that need $$command: $$package could not be installed"
  else
    echo "skipping the $(2) that need $$command (on Debian: sudo apt-get install $$package)"
  fi
done
endef
