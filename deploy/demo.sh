#!/usr/bin/env bash
# Builds and runs Central, Meeting and three schools' EdgeNodes on this machine until Ctrl-C.
#   --reset   clears the demo's data folder first
#   --check   runs a school day without internet, headless, and exits 0 only if nothing was lost
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/prerequisites.sh
need_sdk
need_packages npm=npm
if [ "${1:-}" != --no-build ]; then
  echo "Building…"
  dotnet build -c Release -v quiet -nologo deploy/demo/TdmEdu.Demo.csproj
else
  shift
fi
exec dotnet deploy/demo/bin/Release/net10.0/TdmEdu.Demo.dll "$@"
