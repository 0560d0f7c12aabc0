# The two commands: `make serve` and `make test`. Both make what they need first.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
EXPLORER := service/explorer
EXPLORER_SOURCES := $(EXPLORER)/package-lock.json $(wildcard $(EXPLORER)/*.mjs) \
	$(shell find $(EXPLORER)/src -type f)
CLIENTS := tests/clients

.DEFAULT_GOAL := serve
.PHONY: serve test soak benchmark lint explorer clients browser schema released lock clean

serve: .venv/installed $(EXPLORER)/dist/index.html
	@exec $(BIN)/guidepost serve --migrate

# With ARGUMENTS="-m postgresql", those that may find something else with another PostgreSQL. Python
# keeps its bytecode, and pytest what it makes of asserts, whatever the environment says: without it
# every process compiles all of the code anew.
test: .venv/installed $(EXPLORER)/dist/index.html clients browser
	@$(BIN)/python -m compileall -q schema service alembic
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest --numprocesses=auto --maxprocesses=4 --dist=worksteal \
		$(ARGUMENTS)

# With MINUTES=30 for longer, SEED=123 for the same again, ONLY=machine,kills for some.
soak: .venv/installed
	@$(BIN)/python -m tests.soak $(if $(MINUTES),--minutes=$(MINUTES)) \
		$(if $(SEED),--seed=$(SEED)) $(if $(ONLY),--only=$(ONLY))

# With ARGUMENTS=--guides=100000, how it grows too.
benchmark: .venv/installed
	@$(BIN)/python -m tests.benchmark $(ARGUMENTS)

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.revisions
	$(BIN)/python -m tests.names
	$(BIN)/python -m tests.contract

explorer: $(EXPLORER)/dist/index.html

clients: $(CLIENTS)/node_modules/.installed \
	$(CLIENTS)/.packages/gql/installed $(CLIENTS)/.packages/sgqlc/installed

# Write the contract anew after a change of the model; review what changed.
schema: .venv/installed
	$(BIN)/guidepost schema print > schema/schema.graphql

# As part of a release: later changes of the contract are compared with it.
released:
	cp schema/schema.graphql schema/released.graphql

# Pin every dependency anew, for every platform. The second lock is what the container holds.
lock: .venv/installed
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
		--python-version 3.11 --all-extras pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
		--python-version 3.11 -c requirements.lock pyproject.toml -o requirements-runtime.lock
	echo "gql[httpx2]>=4.4,<5" | $(CLIENT_LOCK) $(CLIENTS)/gql.lock
	echo "sgqlc>=18,<19" | $(CLIENT_LOCK) $(CLIENTS)/sgqlc.lock

# Each client by itself: they need different versions of graphql-core.
CLIENT_LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header \
	--no-annotate --python-version 3.11 - -o

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache \
		$(EXPLORER)/dist $(EXPLORER)/node_modules $(CLIENTS)/node_modules $(CLIENTS)/.packages

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q schema service
	@touch $@

# npm is the machine's, or the one that the extra `explorer` put into .venv.
$(EXPLORER)/dist/index.html: .venv/installed $(EXPLORER_SOURCES)
	cd $(EXPLORER) && PATH="$$PATH:$(CURDIR)/$(BIN)" && npm ci --no-audit --no-fund && npm run build

# Not `npm ci`, which refuses a lock that lacks optional packages for other platforms. Node.js is the
# one in .venv, since some clients need a newer one than the machine may have.
$(CLIENTS)/node_modules/.installed: .venv/installed $(CLIENTS)/package-lock.json
	cd $(CLIENTS) && PATH="$(CURDIR)/$(BIN):$$PATH" && npm install --no-save --no-audit --no-fund
	@touch $@

$(CLIENTS)/.packages/%/installed: $(CLIENTS)/%.lock .venv/installed
	rm -rf $(@D)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
		--target $(@D) -r $<
	@touch $@

# The browser tests take the Chromium that is installed, or else Playwright's own.
browser: .venv/installed
	@command -v chromium chromium-browser google-chrome >/dev/null \
		|| $(BIN)/playwright install chromium
