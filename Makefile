PYTHON ?= python3
python := .venv/bin/python
ready := .venv/.installed
# Two processes, a file at a time, in the order found: browser tests come last.
two := -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: lab test soak notebooks lint lock

# Nothing but the course itself reads or writes a learner's progress.
test soak notebooks lint: export BEND_HOME = none

# The course in JupyterLab. PORT=8899 fixes the port, NO_BROWSER=1 prints the address only.
lab: $(ready)
	@$(python) -m bend lab $(if $(PORT),--port $(PORT)) $(if $(NO_BROWSER),--no-browser)

# Everything but the long checks. A browser and its server keep two cores busy alone.
test: $(ready)
	@BEND_BROWSER=$$($(python) tools/browser.py) && export BEND_BROWSER && \
	$(python) -m pytest $(two) --ignore=tests/browser --nbval tests notebooks && \
	$(python) -m pytest tests/browser

# The long checks.
soak: $(ready)
	@BEND_BROWSER=$$($(python) tools/browser.py) && export BEND_BROWSER && \
	$(python) -m pytest $(two) -m soak

# Run every notebook again, in place.
notebooks: $(ready)
	@$(python) -m bend.notebooks

lint: $(ready)
	@$(python) -m ruff check
	@$(python) -m ruff format --check
	@$(python) -m codespell_lib
	@$(python) -m bend check

# Take the newest versions that pyproject.toml allows.
lock: $(ready)
	@.venv/bin/uv pip compile pyproject.toml --extra test --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --upgrade --quiet \
	  --custom-compile-command "make lock" --output-file requirements.lock

$(ready): requirements.lock pyproject.toml tools/install.py
	@$(PYTHON) tools/install.py
	@touch $@
