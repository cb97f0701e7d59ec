# `make` does the main job, `make test` proves it. Nothing that is up to date is done again.
.DELETE_ON_ERROR:
.PHONY: all setup build results site class test serve bench-gpu clean
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export OMP_NUM_THREADS ?= 1
READY  := .venv/.ready
STAMPS := .stamps
PACKAGE := $(shell find autograder/dropgrade -name '*.py')
LESSONS := $(shell find solutions -name '*.py')
PAGES   := _config.yml _toc.yml $(shell find book exercises -type f -not -path '*/.*' -not -path '*/__pycache__/*')

all: build site class ; @dropgrade summary   ## the whole course: notebooks, site, an example class, and what to open
setup: $(READY)                              ## .venv with the exact pins, and the system's parts where that is allowed
build: $(STAMPS)/build                       ## solutions/*/lesson.py -> source and release notebooks
results: $(READY) ; python -m dropgrade.results book/experiments && python -m dropgrade.interview.evidence book/evidence --stale --write book/results/evidence   ## rerun what is stale
site: $(STAMPS)/site                         ## the site, warnings are errors -> _build/html
class: $(STAMPS)/class                       ## grade the example class: gradebook, feedback, CSV
test: setup site ; python -m pytest autograder -n 2 --dist worksteal -q   ## everything, from nothing
serve: site ; python -m http.server --directory _build/html 8000   ## the site on http://localhost:8000
bench-gpu: setup ; python book/experiments/gpu/bench_gpu.py $(BENCH)   ## time the kernels; without a GPU: BENCH=--interpret
clean: ; rm -rf _build .stamps .jupyter_cache grading   ## all that was made, but .venv, .pyodide and the committed results

$(READY): requirements.txt autograder/pyproject.toml
	@python3 -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and "Python 3.11 or later is needed, found %d.%d" % v[:2])'
	@python3 -c 'import ensurepip' 2>/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq python3-venv; } \
	  || { echo "Python lacks venv; type: sudo apt-get install -y python3-venv"; exit 1; }
	@echo "Making .venv from requirements.txt (about two minutes the first time) ..."
	@python3 -m venv .venv && python -m pip install -qq --disable-pip-version-check -r requirements.txt && python -m pip check
	@dropgrade doctor --install
	@touch $@

$(STAMPS)/build: $(READY) $(PACKAGE) $(LESSONS)
	@dropgrade build && mkdir -p $(@D) && touch $@

$(STAMPS)/site: $(READY) $(PACKAGE) $(PAGES)
	@python -m dropgrade.inpage
	@jupyter-book build . -W -n --keep-going --quiet && mkdir -p $(@D) && touch $@

$(STAMPS)/class: $(STAMPS)/build
	@dropgrade example
	@dropgrade grade || { echo "Grading the example class, which is our own, without the sandbox instead:"; dropgrade grade --plain; }
	@dropgrade feedback && dropgrade export && touch $@
