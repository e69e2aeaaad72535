# Huoshui. On a fresh machine: `make demo`. Needs Python 3.11 or newer, make, and a package index; nothing else.
# Each stamp is newer than what it was made from, or is made again; unchanged steps cost milliseconds.

SHELL := /bin/sh
PYTHON_RUN := .venv/bin/python
export UV_PYTHON_DOWNLOADS := never
# How many processes run the tests
JOBS ?= 2
# WORLD, PEOPLE, UNTIL, SEED, PORT, SERVE, HUOSHUI_HOME, PYTHON and EXTRAS reach the commands by themselves, from the command line or from the
# environment; to export them here would set the absent ones to nothing.

.PHONY: help setup demo test check lint format-check types walls pytest proof bench docs clean
.DEFAULT_GOAL := help

help:
	@echo '活水：品牌自己的顾客平台'
	@echo
	@echo '  make demo            从零到可以登录的演示（WORLD= PEOPLE= PORT= SERVE=0 HUOSHUI_HOME=）'
	@echo '  make setup           只准备环境（EXTRAS=spark 另装 Spark）'
	@echo '  make test            检查加全部测试，与持续集成相同（PYTEST=… 传给 pytest）'
	@echo '  make check           只做检查：规范、格式、类型、分层'
	@echo '  make proof LAW=…     按真实规模证明一条规则，结果写入 docs/proof/'
	@echo '  make bench           跑全部性能测量'
	@echo '  make docs            重新生成文档里的截图'
	@echo '  make clean           删除环境与缓存（不动数据）'

# ---- environment -------------------------------------------------------------------------------------------------

setup: .venv/.stamp node_modules/.stamp

.bootstrap/.stamp: scripts/bootstrap
	@scripts/bootstrap

.venv/.stamp: .bootstrap/.stamp uv.lock pyproject.toml scripts/sync
	@scripts/sync

node_modules/.stamp: .bootstrap/.stamp package-lock.json scripts/assets
	@scripts/assets

demo: setup
	@.venv/bin/huoshui demo

# ---- what must hold ----------------------------------------------------------------------------------------------

# $(call step,title,command,what to do when it fails)
define step
@printf '── %s\n' '$(1)'
@$(2) || { printf '✗ %s 没有通过。%s\n' '$(1)' '$(3)' >&2; exit 1; }
endef

check: lint format-check types walls
	@echo '✓ 检查全部通过'

test: lint format-check types walls pytest
	@echo '✓ 全部通过'

lint: setup
	$(call step,规范 ruff check,.venv/bin/ruff check,可试 .venv/bin/ruff check --fix)

format-check: setup
	$(call step,格式 ruff format,.venv/bin/ruff format --check --quiet,请运行 .venv/bin/ruff format)

types: setup
	$(call step,类型 mypy,.venv/bin/mypy,)

walls: setup
	$(call step,分层 import-linter,.venv/bin/lint-imports,各层的先后见 ARCHITECTURE.md 第 1 节)

pytest: setup
	$(call step,测试 pytest,$(PYTHON_RUN) -m pytest -n $(JOBS) --dist loadgroup --no-loadscope-reorder $(PYTEST),)

# One after another even under `make -j`: the clearest failure is the first one.
.NOTPARALLEL:

# ---- proofs and measurements ---------------------------------------------------------------------------------------

proof: setup
	@$(PYTHON_RUN) -m benchmarks.proof $(LAW)

bench: setup
	@set -eu; ran=0; for file in benchmarks/bench_*.py benchmarks/import_journey.py; do \
	    [ -f "$$file" ] || continue; \
	    name=$$(basename "$$file" .py); ran=1; \
	    printf '── %s\n' "$$name"; \
	    $(PYTHON_RUN) -m benchmarks.$$name; \
	done; [ $$ran = 1 ] || { echo 'benchmarks/ 里没有可跑的测量。' >&2; exit 1; }

docs: setup
	@printf '── 文档截图\n'
	@$(PYTHON_RUN) scripts/screenshots.py

clean:
	rm -rf .venv .bootstrap node_modules static-build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
