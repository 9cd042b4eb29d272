#!/usr/bin/env bash
# What takes too long for every run of the tests: a transaction that commits 60 s late, every school's week at once, an import of five million
# operations, and an hour of fresh seeds.
# tests/torture.sh [SECONDS OF SEEDS]
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/prerequisites.sh
need_sdk
dotnet build -c Release -v quiet -nologo TdmEdu.sln
simulation="dotnet run -c Release --no-build --project tests/TdmEdu.Simulation --"
TDMEDU_LATE_COMMIT_S=60 dotnet test --project tests/TdmEdu.Tests -c Release --no-build --no-ansi --no-progress --filter-method "*Case_41_*"
TDMEDU_STORM_OPS=5320 dotnet test --project tests/TdmEdu.Tests -c Release --no-build --no-ansi --no-progress --output detailed --filter-method "*Case_73_*"
TDMEDU_IMPORT_OPS=5000000 dotnet test --project tests/TdmEdu.Tests -c Release --no-build --no-ansi --no-progress --output detailed --filter-method "*Case_74_*"
$simulation --fresh --seconds "${1:-3600}"
