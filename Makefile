# make run    start hangerd on 127.0.0.1:9095 with the examples
# make test   check and test everything
# make integration-twisted   those integration tests that speak HTTP once more, on Twisted's channel (make test does this too);
#             all of them: ON_BOTH=tests/integration
# make soak   the tests that take thousands of repetitions or minutes, at full scale
# make bench  measure it beside its peers; ONLY=slots,scripts,hosts,channel; BENCH="--rounds 2 --seconds 1"
# make clean  remove what the other targets made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= tcp:9095:interface=127.0.0.1

# Parts that do no input or output, with their tests: every branch of theirs is run.
DASHBOARD := changes history passes rates
PURE := hangerd/control.py 'hangerd/slots/*' $(patsubst %,hangerd/dashboard/%.py,$(DASHBOARD))
PURE_TESTS := tests/test_control.py $(filter-out %_machine.py,$(wildcard tests/slots/test_*.py)) $(patsubst %,tests/dashboard/test_%.py,$(DASHBOARD))

# What the integration tests need beside the system's programs.
PEERS := tests/integration/peers
PARTS = $(VENV)/.dev examples/node_modules/.package-lock.json \
  $(PEERS)/.venv/.installed $(PEERS)/node_modules/.package-lock.json

# What speaks HTTP to a daemon, for the run on Twisted's channel (http.channel). Left out is what does the same on any:
# example pages and the dashboard in browsers, hangerctl, the names of js-host and bgpy, Django, the runners of hosts,
# starts that fail, docs.
TESTS_OF = $(patsubst %,tests/integration/$(1)test_%.py,$(2))
STARTS := other_reactors twisted_does_not_chatter a_page_to_open_is_named_once \
  the_log_for_people_tells_no_secret the_log_for_machines_tells_no_secret
ON_BOTH := $(STARTS:%=tests/integration/test_start.py::test_%) \
  $(call TESTS_OF,,both_channels bounds delivery hostile_targets load metrics nginx static_files stop tls viewers) \
  $(call TESTS_OF,scripts/,access_log crowd exchange fixes growth httpout output_at_scale packing pressure settings site websockets) \
  $(call TESTS_OF,hosts/,daemon door from_scripts js_host_client js_host_suite scale) \
  $(call TESTS_OF,client/,calls loops runs slots tls trouble) \
  $(call TESTS_OF,browser/,client client_trouble console websockets)

.PHONY: run test lint unit integration integration-twisted soak bench clean
.DEFAULT_GOAL := test

$(VENV)/.run: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "make: hangerd needs Python 3.11 or later; say which: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[ctl,websocket]'
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	$(BIN)/pip install --quiet --editable '.[dev,http2]'
	@touch $@

# Brython Runner, Pyodide and React, for the example pages. Without npm the pages say how to get them.
examples/node_modules/.package-lock.json: examples/package.json examples/package-lock.json
	@if command -v npm >/dev/null; then npm ci --silent --no-audit --no-fund --prefix examples; \
	else echo "make: no npm, so the examples go without Brython Runner, Pyodide and React"; fi

# What hangerd stands in for, unmodified: tests let it speak to hangerd.
$(PEERS)/.venv/.installed: $(PEERS)/requirements.txt
	$(PYTHON) -m venv $(PEERS)/.venv
	$(PEERS)/.venv/bin/pip install --quiet --requirement $<
	@touch $@

$(PEERS)/node_modules/.package-lock.json: $(PEERS)/package.json $(PEERS)/package-lock.json
	@if command -v npm >/dev/null; then npm ci --silent --prefix $(PEERS); \
	else echo "make: no npm, so js-host itself is not tried with hangerd"; fi

run: $(VENV)/.run examples/node_modules/.package-lock.json
	$(BIN)/twistd -n --pidfile= hangerd --port '$(PORT)' --print-link --root examples --config examples/hangerd.toml

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

unit: $(VENV)/.dev
	$(BIN)/python -m twisted.trial --jobs=2 --reporter=text tests
	$(BIN)/coverage run -m twisted.trial --reporter=text $(PURE_TESTS)
	$(foreach part,$(PURE),$(BIN)/coverage report --include=$(part) --fail-under=100 &&) true

integration: $(PARTS)
	$(BIN)/pytest --numprocesses=3 --dist=loadfile

integration-twisted: $(PARTS)
	HANGERD_TEST_CHANNEL=twisted $(BIN)/pytest --numprocesses=3 --dist=loadfile $(ON_BOTH)

test: lint unit integration integration-twisted

soak: $(PARTS)
	HANGERD_SOAK=1 $(BIN)/pytest -m soak --timeout=1800 tests/slots tests/integration
	HANGERD_SOAK=1 HANGERD_TEST_CHANNEL=twisted $(BIN)/pytest -m soak --timeout=1800 tests/integration/test_delivery.py

$(VENV)/.bench: $(VENV)/.run
	$(BIN)/pip install --quiet --editable '.[bench]'
	@touch $@

bench: $(VENV)/.bench
	$(BIN)/python -m bench $(if $(ONLY),--only $(ONLY)) $(BENCH)

clean:
	rm -rf $(VENV) dist htmlcov .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache _trial_temp* examples/node_modules \
	  $(PEERS)/.venv $(PEERS)/node_modules bench/.cache
