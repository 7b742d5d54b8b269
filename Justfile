# Every target uses the virtual environment in .venv; `just setup` makes it.
bin := ".venv/bin"
python := env("PYTHON", "python3")
one_half := "tests/core tests/model tests/panel tests/language tests/field tests/journal"
long_proofs := "tests/deploy tests/stories"

# what there is
default:
    @{{just_executable()}} --list --unsorted

# make .venv with everything a developer needs
setup:
    {{python}} -m venv .venv
    {{bin}}/pip install -q -e '.[dev,mqtt]'

# format the code
fmt:
    {{bin}}/ruff format hems tests deploy images
    {{bin}}/ruff check --fix hems tests deploy images

# format, lint, types and tests with coverage: everything that must be green
check: lint cover proofs

# format, lint and types
lint:
    {{bin}}/ruff format --check hems tests deploy images
    {{bin}}/ruff check hems tests deploy images
    {{bin}}/mypy

# the tests; arguments go to pytest
test *args:
    {{bin}}/pytest {{args}}

# the tests with branch coverage, in two halves side by side: all of model and core, 90 % overall
cover:
    #!/usr/bin/env bash
    set -uo pipefail
    rm -f .coverage .coverage.*
    run="{{bin}}/coverage run -m pytest -m"
    other=$(mktemp)
    $run 'not bench and not proof' {{one_half}} > "$other" 2>&1 &
    $run 'not bench and not proof' tests $(printf -- '--ignore=%s ' {{one_half}})
    here=$?
    wait $!
    there=$?
    cat "$other"
    [ $here = 0 ] && [ $there = 0 ] || exit 1
    set -e
    {{bin}}/coverage combine -q
    {{bin}}/coverage report --include 'hems/model/*,hems/core/*' --fail-under 100
    {{bin}}/coverage report --fail-under 90

# the long proofs: mutated frames, every fault on the wire, cuts and flips of the memory
proofs:
    #!/usr/bin/env bash
    set -uo pipefail
    other=$(mktemp)
    {{bin}}/pytest -m proof {{long_proofs}} > "$other" 2>&1 &
    {{bin}}/pytest -m proof tests $(printf -- '--ignore=%s ' {{long_proofs}})
    here=$?
    wait $!
    there=$?
    cat "$other"
    [ $here = 0 ] && [ $there = 0 ]

# the appliance on a simulated house, in this terminal
demo *args:
    {{bin}}/hems demo {{args}}

# every screen as a picture, into images/screens; with --accept those that the tests compare with
screens *args="images/screens":
    {{bin}}/python -m tests.bench.screens {{args}}

# the words for people: find what is new, compile, tell what is still to be translated
words:
    {{bin}}/python -m tests.language.catalogues

# all real-time measurements
bench: bench-cycle bench-start bench-rules bench-bus bench-journal bench-api

# cycle time, overruns and errors of one minute at 9600 baud
bench-cycle:
    {{bin}}/python -m tests.bench.cycle

# from a meter's sample to the charger's acknowledged current
bench-reaction *args:
    {{bin}}/python -m tests.bench.reaction {{args}}

# time to the first safe command, and memory
bench-start:
    {{bin}}/python -m tests.bench.start

# what the rules do to an overloaded line beside two other laws; planner and decision in processor time
bench-rules:
    {{bin}}/python -m tests.bench.rules

# a serial line beside physics and the masters of others (8 min; --short: half a minute)
bench-bus *args:
    {{bin}}/python -m tests.bench.bus {{args}}

# the door: answers, many listeners, the energy log, and what hostile clients delay; an argument is seconds for each
bench-api *args:
    {{bin}}/python -m tests.bench.api {{args}}

# mutated answers, ten million unless told; arguments are a count and a seed
fuzz-bus *args:
    {{bin}}/python -m tests.bench.fuzz {{args}}

# every row of the fault matrix: what it comes to, what it costs, its bound
fault-matrix:
    {{bin}}/python -m tests.field.matrix

# a simulated day with every fault at one per cent (3 min); arguments are hours and a seed
endurance *args:
    {{bin}}/python -m tests.field.matrix.endurance {{args}}

# the front panel beside four busy lines: answer to a press, what it costs them (1 min; --short: 20 s)
bench-panel *args:
    {{bin}}/python -m tests.bench.panel {{args}}

# what the memory costs beside other stores (5 min); as root also at block devices; arguments: spacing and commit in s
bench-journal *args:
    {{bin}}/python -m tests.bench.journal {{args}}

# the journal's proofs at full size: every cut, erasure, flip and kill (20 min); arguments name some of them
nightly *args:
    {{bin}}/python -m tests.journal.nightly {{args}}

# a key that signs bundles, into keys/, which stays out of the repository
keys:
    #!/bin/sh
    set -eu
    mkdir -p keys
    [ ! -e keys/hems-update ] || { echo "keys/hems-update is there; keep it safe, or move it away first" >&2; exit 2; }
    ssh-keygen -q -t ed25519 -N '' -C hems-update -f keys/hems-update
    echo "hems namespaces=\"hems-update\" $(cat keys/hems-update.pub)" > keys/allowed_signers
    echo "keys/hems-update signs; appliances know it by keys/allowed_signers"

# a signed bundle of the program, into dist/; --here, --python and --machine make one for another machine
bundle *args:
    {{bin}}/python deploy/bundle.py --key keys/hems-update {{args}}

# bundle what is committed and bring it to an appliance; exits 0 when it runs there and is proven
deploy host *args:
    deploy/update {{host}} "$({{bin}}/python deploy/bundle.py --key keys/hems-update --build $([ ! -d dist/wheels ] || echo --wheels dist/wheels) {{args}})"

# build a bundle, verify it, install it into a temporary root and start it once
try-bundle:
    .ci/bundle {{bin}}/python

# the flashable card's image, into dist (a quarter of an hour once, then three minutes); as root
image:
    PYTHON={{bin}}/python images/wheels dist/wheels
    {{bin}}/python deploy/bundle.py --key keys/hems-update --wheels dist/wheels
    images/build dist "$(ls -t dist/hems-[0-9]*.hems | head -1)"

# a signed bundle with the whole system of that image, for appliances with two slots
os-bundle:
    PYTHONPATH=deploy {{bin}}/python -m images.bundles --key keys/hems-update --out dist

# that image in an emulated machine: starts, updates, faults, cuts, a house on its line (an hour); arguments name cases
image-test *args:
    PYTHONPATH=deploy {{bin}}/python -m images.test --key keys/hems-update --report dist/image-test.json {{args}}
