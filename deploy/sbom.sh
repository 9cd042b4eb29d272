#!/usr/bin/env bash
# Writes what each host is made of (CycloneDX) into FOLDER and asks the package source for known faults: deploy/sbom.sh FOLDER
# Ends "vulnerable: N" (0 when N is 0, else 1), or "vulnerable: no data" (2) where the source has none: that is not clean.
#   --judge LIST RESTORED   only the last line, from recorded answers of `dotnet list package` and `dotnet restore`
set -euo pipefail

judge() {
  # Without data `dotnet list package` shows the same as without faults; only an audit source says that it has none (NU1905).
  if grep -qE 'NU1900|NU1905' "$2" || ! jq -e '(.projects | length > 0) and ([.problems[]? | select(.level == "error")] | length == 0)' "$1" >/dev/null 2>&1; then
    echo "vulnerable: no data"
    return 2
  fi
  local found
  found=$(jq -r '[.projects[].frameworks[]? | (.topLevelPackages, .transitivePackages)[]? | select(.vulnerabilities | length > 0)
    | "\(.id) \(.resolvedVersion): \(.vulnerabilities | map("\(.severity) \(.advisoryurl)") | join(", "))"] | unique[]' "$1")
  [ -z "$found" ] || echo "$found"
  echo "vulnerable: $(grep -c . <<<"$found" || true)"
  [ -z "$found" ]
}

if [ "${1:-}" = --judge ]; then
  judge "$2" "$3"
  exit
fi

folder=$(realpath -m "${1:?"Usage: deploy/sbom.sh FOLDER"}")
cd "$(dirname "$0")"
. ./prerequisites.sh
need_sdk
need_packages jq=jq
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$folder"

dotnet tool restore --tool-manifest dotnet-tools.json >"$work/tools" || { cat "$work/tools"; exit 1; }
for host in Central EdgeNode Meeting; do
  dotnet tool run dotnet-CycloneDX -- "../src/$host/$host.csproj" --exclude-dev --output-format Json -o "$folder" -fn "$host.cdx.json" >"$work/$host" ||
    { cat "$work/$host"; exit 1; }
  echo "$folder/$host.cdx.json: $(jq '.components | length' "$folder/$host.cdx.json") components"
done

sources=$(dotnet nuget list source --format short | sed -n 's/^E //p' | awk '{printf "<add key=\"s%d\" value=\"%s\"/>", NR, $1}')
echo "<configuration><packageSources><clear/>$sources</packageSources><auditSources><clear/>$sources</auditSources></configuration>" >"$work/audit.config"
# Faults found here are warnings: the list below is what counts them.
dotnet restore ../TdmEdu.sln --locked-mode --force --configfile "$work/audit.config" -p:NuGetAudit=true -p:NuGetAuditMode=all -p:TreatWarningsAsErrors=false \
  >"$work/restored" 2>&1 || { cat "$work/restored"; exit 1; }
dotnet list ../TdmEdu.sln package --vulnerable --include-transitive --format json >"$work/list" 2>&1 || true
judge "$work/list" "$work/restored"
